Attribute VB_Name = "JiFenButtons"
Option Explicit

' The buttons of ribbon.xml (JiFen_...), and the same for Alt+F8 or a button on a sheet (JiFen...).
' Each calls one function of xl_jifen/hosts/ribbon.py, which does the work and says what was done.

Public Sub JiFenCheck()
    CallPython "check()"
End Sub

Public Sub JiFenRecalculate()
    CallPython "recalculate()"
End Sub

Public Sub JiFenPublish1()
    CallPython "publish(1)"
End Sub

Public Sub JiFenPublish2()
    CallPython "publish(2)"
End Sub

Public Sub JiFenPublish3()
    CallPython "publish(3)"
End Sub

Public Sub JiFenPublish4()
    CallPython "publish(4)"
End Sub

Public Sub JiFenClose1()
    CallPython "close(1)"
End Sub

Public Sub JiFenClose2()
    CallPython "close(2)"
End Sub

Public Sub JiFenClose3()
    CallPython "close(3)"
End Sub

Public Sub JiFenClose4()
    CallPython "close(4)"
End Sub

Public Sub JiFenVerify()
    CallPython "verify()"
End Sub

Public Sub JiFenAppraise()
    CallPython "appraise()"
End Sub

Public Sub JiFenMeeting()
    CallPython "meeting()"
End Sub

Public Sub JiFenStatement()
    CallPython "statement()"
End Sub

Public Sub JiFenCompare()
    CallPython "compare()"
End Sub

Public Sub JiFenNextYear()
    CallPython "next_year()"
End Sub

Public Sub JiFenGuide()
    CallPython "guide()"
End Sub

Public Sub JiFen_Check(control As IRibbonControl)
    JiFenCheck
End Sub

Public Sub JiFen_Recalculate(control As IRibbonControl)
    JiFenRecalculate
End Sub

Public Sub JiFen_Publish1(control As IRibbonControl)
    JiFenPublish1
End Sub

Public Sub JiFen_Publish2(control As IRibbonControl)
    JiFenPublish2
End Sub

Public Sub JiFen_Publish3(control As IRibbonControl)
    JiFenPublish3
End Sub

Public Sub JiFen_Publish4(control As IRibbonControl)
    JiFenPublish4
End Sub

Public Sub JiFen_Close1(control As IRibbonControl)
    JiFenClose1
End Sub

Public Sub JiFen_Close2(control As IRibbonControl)
    JiFenClose2
End Sub

Public Sub JiFen_Close3(control As IRibbonControl)
    JiFenClose3
End Sub

Public Sub JiFen_Close4(control As IRibbonControl)
    JiFenClose4
End Sub

Public Sub JiFen_Verify(control As IRibbonControl)
    JiFenVerify
End Sub

Public Sub JiFen_Appraise(control As IRibbonControl)
    JiFenAppraise
End Sub

Public Sub JiFen_Meeting(control As IRibbonControl)
    JiFenMeeting
End Sub

Public Sub JiFen_Statement(control As IRibbonControl)
    JiFenStatement
End Sub

Public Sub JiFen_Compare(control As IRibbonControl)
    JiFenCompare
End Sub

Public Sub JiFen_NextYear(control As IRibbonControl)
    JiFenNextYear
End Sub

Public Sub JiFen_Guide(control As IRibbonControl)
    JiFenGuide
End Sub

' Where its Python is missing xlwings says so in English; our sentence stands in a cell, since VBA text is ASCII only.
Private Sub CallPython(ByVal verb As String)
    Dim python As String
    python = GetConfig("INTERPRETER_WIN")
    If InStr(python, "\") > 0 And Not FileExists(python) Then
        MsgBox JiFenTexts.Range("B1").Value, vbExclamation
    Else
        RunPython "from xl_jifen.hosts import ribbon; ribbon." & verb
    End If
End Sub
