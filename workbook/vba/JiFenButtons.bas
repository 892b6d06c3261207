Attribute VB_Name = "JiFenButtons"
Option Explicit

' The buttons of ribbon.xml, all of one callback, and a macro a verb for Alt+F8, buttons on sheets, and WPS.
' The verb is a function of xl_jifen/doors/ribbon.py, which does the work and says what was done.

Public Sub JiFen_Press(control As IRibbonControl)
    Dim verb As String
    verb = control.Tag
    If Len(verb) = 0 Then verb = Mid$(control.ID, Len("JiFen_") + 1)
    RunVerb verb
End Sub

Public Sub JiFenCheck()
    RunVerb "check"
End Sub

Public Sub JiFenRecalculate()
    RunVerb "recalculate"
End Sub

Public Sub JiFenPublish()
    RunVerb "publish"
End Sub

Public Sub JiFenPublishOther()
    RunVerb "publish_other"
End Sub

Public Sub JiFenClose()
    RunVerb "close"
End Sub

Public Sub JiFenCloseOther()
    RunVerb "close_other"
End Sub

Public Sub JiFenVerify()
    RunVerb "verify"
End Sub

Public Sub JiFenAppraise()
    RunVerb "appraise"
End Sub

Public Sub JiFenMeeting()
    RunVerb "meeting"
End Sub

Public Sub JiFenStatement()
    RunVerb "statement"
End Sub

Public Sub JiFenCompare()
    RunVerb "compare"
End Sub

Public Sub JiFenNextYear()
    RunVerb "next_year"
End Sub

Public Sub JiFenGuide()
    RunVerb "guide"
End Sub
