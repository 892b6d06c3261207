Attribute VB_Name = "JiFenWindows"
Option Explicit

' Starts Python and waits for its answer. The verb, the window and the book go to Python in a file, its words come back
' in another. Every call is a Unicode one of Windows: VBA's own file functions, Shell and MsgBox know only the
' characters of the system's code page. Nothing is decided here.

#If VBA7 Then
Private Type StartupInfo
    cb As Long
    lpReserved As LongPtr
    lpDesktop As LongPtr
    lpTitle As LongPtr
    dwX As Long
    dwY As Long
    dwXSize As Long
    dwYSize As Long
    dwXCountChars As Long
    dwYCountChars As Long
    dwFillAttribute As Long
    dwFlags As Long
    wShowWindow As Integer
    cbReserved2 As Integer
    lpReserved2 As LongPtr
    hStdInput As LongPtr
    hStdOutput As LongPtr
    hStdError As LongPtr
End Type
Private Type ProcessInformation
    hProcess As LongPtr
    hThread As LongPtr
    dwProcessId As Long
    dwThreadId As Long
End Type
Private Declare PtrSafe Function CreateProcessW Lib "kernel32" (ByVal application As LongPtr, ByVal commandLine As LongPtr, ByVal processAttributes As LongPtr, ByVal threadAttributes As LongPtr, ByVal inheritHandles As Long, ByVal creationFlags As Long, ByVal environment As LongPtr, ByVal currentDirectory As LongPtr, ByRef startup As StartupInfo, ByRef process As ProcessInformation) As Long
Private Declare PtrSafe Function MsgWaitForMultipleObjectsEx Lib "user32" (ByVal count As Long, ByRef handles As LongPtr, ByVal milliseconds As Long, ByVal wakeMask As Long, ByVal flags As Long) As Long
Private Declare PtrSafe Function TerminateProcess Lib "kernel32" (ByVal process As LongPtr, ByVal exitCode As Long) As Long
Private Declare PtrSafe Function CloseHandle Lib "kernel32" (ByVal handle As LongPtr) As Long
Private Declare PtrSafe Function CreateFileW Lib "kernel32" (ByVal fileName As LongPtr, ByVal access As Long, ByVal share As Long, ByVal securityAttributes As LongPtr, ByVal disposition As Long, ByVal attributes As Long, ByVal template As LongPtr) As LongPtr
Private Declare PtrSafe Function GetFileSize Lib "kernel32" (ByVal file As LongPtr, ByVal sizeHigh As LongPtr) As Long
Private Declare PtrSafe Function ReadFile Lib "kernel32" (ByVal file As LongPtr, ByRef buffer As Any, ByVal count As Long, ByRef done As Long, ByVal overlapped As LongPtr) As Long
Private Declare PtrSafe Function WriteFile Lib "kernel32" (ByVal file As LongPtr, ByRef buffer As Any, ByVal count As Long, ByRef done As Long, ByVal overlapped As LongPtr) As Long
Private Declare PtrSafe Function DeleteFileW Lib "kernel32" (ByVal fileName As LongPtr) As Long
Private Declare PtrSafe Function GetFileAttributesW Lib "kernel32" (ByVal fileName As LongPtr) As Long
Private Declare PtrSafe Function GetTempPathW Lib "kernel32" (ByVal length As Long, ByVal buffer As LongPtr) As Long
Private Declare PtrSafe Function ExpandEnvironmentStringsW Lib "kernel32" (ByVal source As LongPtr, ByVal target As LongPtr, ByVal size As Long) As Long
Private Declare PtrSafe Function GetCurrentProcessId Lib "kernel32" () As Long
Private Declare PtrSafe Function GetTickCount Lib "kernel32" () As Long
Private Declare PtrSafe Function MessageBoxW Lib "user32" (ByVal owner As LongPtr, ByVal text As LongPtr, ByVal caption As LongPtr, ByVal style As Long) As Long
#End If

Private Const CREATE_NO_WINDOW As Long = &H8000000
Private Const QS_ALLINPUT As Long = &H4FF
Private Const MWMO_INPUTAVAILABLE As Long = 4
Private Const WAIT_OBJECT_0 As Long = 0
Private Const GENERIC_READ As Long = &H80000000
Private Const GENERIC_WRITE As Long = &H40000000
Private Const FILE_SHARE_ALL As Long = 7
Private Const CREATE_ALWAYS As Long = 2
Private Const OPEN_EXISTING As Long = 3
Private Const FILE_ATTRIBUTE_NORMAL As Long = 128
Private Const FILE_ATTRIBUTE_DIRECTORY As Long = 16
Private Const LONGEST_PATH As Long = 32767
Private Const WAIT_A_TIME As Long = 200
Private Const LONGEST_WAIT As Long = 1800

Private Const CHARACTERS_A_KIND As Long = 2
Private Const MODULE_TO_RUN As String = " -E -P -m xl_jifen.hosts.press "

#If VBA7 Then
' Start Python, wait, and say what it answers. False, and nothing said, if it never came to answer.
Public Function IsAnswered(ByVal python As String, ByVal verb As String) As Boolean
    Dim startup As StartupInfo, process As ProcessInformation
    Dim base As String, job As String, answerFile As String, command As String, folder As String, answer As String
    Dim isStarted As Boolean
    On Error GoTo NotStarted
    base = TempFolder() & "xl-jifen-" & GetCurrentProcessId() & "-" & Hex$(GetTickCount())
    job = base & ".job"
    answerFile = base & ".answer"
    WriteText job, verb & vbLf & WindowOfBook() & vbLf & ThisWorkbook.Name & vbLf & Application.Path & vbLf & answerFile & vbLf
    command = """" & python & """" & MODULE_TO_RUN & """" & job & """"
    folder = vbNullString
    If InStr(python, "\") > 0 Then folder = Left$(python, InStrRev(python, "\"))
    startup.cb = LenB(startup)
    If CreateProcessW(0, StrPtr(command), 0, 0, 0, CREATE_NO_WINDOW, 0, StrPtr(folder), startup, process) <> 0 Then
        isStarted = True
        CloseHandle process.hThread
        WaitFor process.hProcess
        CloseHandle process.hProcess
        answer = ReadText(answerFile)
        DeleteFileW StrPtr(answerFile)
    End If
    DeleteFileW StrPtr(job)
    IsAnswered = Len(answer) > 0
    If IsAnswered Then ShowAnswer answer
    Exit Function
NotStarted:
    IsAnswered = isStarted
    If isStarted Then Tell "B5", vbExclamation
End Function

' Calls of Python reach Excel as messages: they are let through at once while Excel waits. Esc must not break in.
Private Sub WaitFor(ByVal process As LongPtr)
    Dim started As Date
    Application.EnableCancelKey = 0
    started = Now
    Do While MsgWaitForMultipleObjectsEx(1, process, WAIT_A_TIME, QS_ALLINPUT, MWMO_INPUTAVAILABLE) <> WAIT_OBJECT_0
        DoEvents
        If DateDiff("s", started, Now) > LONGEST_WAIT Then
            TerminateProcess process, 2
            Exit Do
        End If
    Loop
End Sub

' The kind on the first line, the title on the second, the words on the rest; without them Python ended midway.
Private Sub ShowAnswer(ByVal answer As String)
    Dim title As String, words As String, at As Long
    at = InStr(CHARACTERS_A_KIND + 1, answer, vbLf)
    If at = 0 Then
        Tell "B5", vbExclamation
        Exit Sub
    End If
    title = Mid$(answer, CHARACTERS_A_KIND + 1, at - CHARACTERS_A_KIND - 1)
    words = Mid$(answer, at + 1)
    If Len(words) > 0 Then
        ShowBox words, title, IIf(Left$(answer, 1) = "i", vbInformation, vbExclamation)
    End If
End Sub

Private Function TempFolder() As String
    Dim buffer As String, length As Long
    buffer = String$(LONGEST_PATH, vbNullChar)
    length = GetTempPathW(LONGEST_PATH, StrPtr(buffer))
    TempFolder = Left$(buffer, length)
End Function

Private Sub WriteText(ByVal path As String, ByVal text As String)
    Dim file As LongPtr, bytes() As Byte, done As Long
    bytes = text
    file = CreateFileW(StrPtr(path), GENERIC_WRITE, 0, 0, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, 0)
    WriteFile file, bytes(0), UBound(bytes) + 1, done, 0
    CloseHandle file
End Sub

' Blank for a file that is not there.
Private Function ReadText(ByVal path As String) As String
    Dim file As LongPtr, bytes() As Byte, size As Long, done As Long
    file = CreateFileW(StrPtr(path), GENERIC_READ, FILE_SHARE_ALL, 0, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, 0)
    If file = -1 Then Exit Function
    size = GetFileSize(file, 0)
    If size > 0 Then
        ReDim bytes(0 To size - 1)
        ReadFile file, bytes(0), size, done, 0
        ReadText = bytes
    End If
    CloseHandle file
End Function

' Since Excel 2013 each workbook has a window of its own.
Private Function WindowOfBook() As LongPtr
    On Error Resume Next
    WindowOfBook = Application.Hwnd
    WindowOfBook = ThisWorkbook.Windows(1).Hwnd
End Function
#Else
Public Function IsAnswered(ByVal python As String, ByVal verb As String) As Boolean
    IsAnswered = False
End Function
#End If

' A text with the variables of the environment in it.
Public Function Expanded(ByVal text As String) As String
    Expanded = text
    #If VBA7 Then
        Dim buffer As String, length As Long
        On Error GoTo Plain
        buffer = String$(LONGEST_PATH, vbNullChar)
        length = ExpandEnvironmentStringsW(StrPtr(text), StrPtr(buffer), LONGEST_PATH)
        If length > 0 Then Expanded = Left$(buffer, length - 1)
Plain:
    #End If
End Function

' A workbook in the cloud has a URL for a path, which Dir refuses.
Public Function IsFile(ByVal path As String) As Boolean
    On Error Resume Next
    #If VBA7 Then
        Dim attributes As Long
        attributes = -2
        attributes = GetFileAttributesW(StrPtr(path))
        If attributes <> -2 Then
            IsFile = attributes <> -1 And (attributes And FILE_ATTRIBUTE_DIRECTORY) = 0
            Exit Function
        End If
    #End If
    IsFile = Len(Dir(path)) > 0
End Function

' A sentence of the sheet of texts, since VBA text is ASCII only.
Public Sub Tell(ByVal cell As String, ByVal icon As Long)
    ShowBox JiFenTexts.Range(cell).Value, JiFenTexts.Range("B2").Value, icon
End Sub

Private Sub ShowBox(ByVal words As String, ByVal title As String, ByVal icon As Long)
    On Error GoTo Plain
    #If VBA7 Then
        MessageBoxW WindowOfBook(), StrPtr(words), StrPtr(title), icon
        Exit Sub
    #End If
Plain:
    MsgBox words, icon
End Sub
