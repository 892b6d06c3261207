Attribute VB_Name = "JiFenPython"
Option Explicit

' Which Python the buttons run: the one in the folder "python" beside the workbook if there is one, so that an
' unpacked folder works wherever it lies; else the one named in B2 of the sheet xlwings.conf.
Public Sub ChooseInterpreter()
    Dim beside As String, separator As String
    separator = Application.PathSeparator
    beside = ThisWorkbook.Path & separator & "python" & separator & "python.exe"
    JiFenConf.Range("B1").Value = JiFenConf.Range("B2").Value
    If IsFile(beside) Then JiFenConf.Range("B1").Value = beside
End Sub

' A workbook in the cloud has a URL for a path, which Dir refuses.
Private Function IsFile(ByVal path As String) As Boolean
    On Error Resume Next
    IsFile = Len(Dir(path)) > 0
End Function
