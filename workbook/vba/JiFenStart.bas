Attribute VB_Name = "JiFenStart"
Option Explicit

' What a button does: have Python do the verb, one press at a time. RunPython of xlwings is the second way: where B3 of
' the sheet xlwings.conf says so, and where JiFenWindows cannot start Python or Python never comes to answer.

Private isRunning As Boolean

' A button: the verb is one of xl_jifen/doors/ribbon.py. A second press meanwhile is told to wait.
Public Sub RunVerb(ByVal verb As String)
    If isRunning Then
        Tell "B4", vbInformation
        Exit Sub
    End If
    isRunning = True
    On Error GoTo Failed
    Application.StatusBar = JiFenTexts.Range("B3").Value
    Perform verb
Finish:
    On Error Resume Next
    Application.StatusBar = False
    isRunning = False
    Exit Sub
Failed:
    Tell "B5", vbExclamation
    Resume Finish
End Sub

' Which Python the buttons run: the one in the folder "python" beside the workbook if there is one, so that an
' unpacked folder works wherever it lies; else the one named in B2 of the sheet xlwings.conf.
Public Sub ChooseInterpreter()
    Dim beside As String, separator As String
    separator = Application.PathSeparator
    beside = ThisWorkbook.Path & separator & "python" & separator & "python.exe"
    JiFenConf.Range("B1").Value = JiFenConf.Range("B2").Value
    If IsFile(beside) Then JiFenConf.Range("B1").Value = beside
End Sub

Private Sub Perform(ByVal verb As String)
    Dim python As String
    python = Expanded(JiFenConf.Range("B1").Value)
    If InStr(python, "\") > 0 And Not IsFile(python) Then
        Tell "B1", vbExclamation
    ElseIf LCase$(JiFenConf.Range("B3").Value) = "runpython" Then
        RunPython "from xl_jifen.hosts import ribbon; ribbon." & verb & "()"
    ElseIf Not IsAnswered(python, verb) Then
        RunPython "from xl_jifen.hosts import ribbon; ribbon." & verb & "()"
    End If
End Sub
