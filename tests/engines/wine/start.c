/* A press of a button as workbook/vba does it: Perform of JiFenStart.bas and IsAnswered of JiFenWindows.bas, call for
   call. declared.h is made of that text (declared.py): its types, sizes and constants, and nothing of windows.h.

   start PYTHON VERB HWND BOOK SECONDS   prints a line an event; texts are UTF-16, as hex digits. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

static void called(const char *name);
#include "declared.h"

void answer_the_box(const wchar_t *title); /* box.c */
void let_messages_through(void);
double now(void);

static void called(const char *name) { printf("call %s\n", name); }

static void tell(const char *what, const void *text, size_t bytes) {
    printf("%s ", what);
    for (size_t at = 0; at < bytes; at++) printf("%02x", ((const unsigned char *)text)[at]);
    printf("\n");
}

static intptr_t StrPtr(const wchar_t *text) { return (intptr_t)text; }

static wchar_t *Expanded(const wchar_t *text) {
    wchar_t *buffer = calloc(LONGEST_PATH + 1, sizeof *buffer);
    int32_t length = ExpandEnvironmentStringsW(StrPtr(text), StrPtr(buffer), LONGEST_PATH);
    if (length > 0) buffer[length - 1] = 0;
    return buffer;
}

static int IsFile(const wchar_t *path) {
    int32_t attributes = GetFileAttributesW(StrPtr(path));
    return attributes != -1 && (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0;
}

static wchar_t *TempFolder(void) {
    wchar_t *buffer = calloc(LONGEST_PATH + 1, sizeof *buffer);
    buffer[GetTempPathW(LONGEST_PATH, StrPtr(buffer))] = 0;
    return buffer;
}

static void WriteText(const wchar_t *path, const wchar_t *text) {
    int32_t done = 0;
    intptr_t file = CreateFileW(StrPtr(path), GENERIC_WRITE, 0, 0, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, 0);
    WriteFile(file, (void *)text, (int32_t)(wcslen(text) * sizeof *text), &done, 0);
    CloseHandle(file);
}

static wchar_t *ReadText(const wchar_t *path) {
    int32_t done = 0;
    wchar_t *text = calloc(1, sizeof *text);
    intptr_t file = CreateFileW(StrPtr(path), GENERIC_READ, FILE_SHARE_ALL, 0, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, 0);
    if (file == -1) return text;
    int32_t size = GetFileSize(file, 0);
    if (size > 0) {
        text = calloc(size + sizeof *text, 1);
        ReadFile(file, text, size, &done, 0);
    }
    CloseHandle(file);
    return text;
}

static void WaitFor(intptr_t process, int32_t longest) {
    double started = now();
    while (MsgWaitForMultipleObjectsEx(1, &process, WAIT_A_TIME, QS_ALLINPUT, MWMO_INPUTAVAILABLE) != WAIT_OBJECT_0) {
        let_messages_through();
        if (now() - started > longest) {
            TerminateProcess(process, 2);
            break;
        }
    }
}

static void ShowAnswer(const wchar_t *answer) {
    const wchar_t *title = answer + CHARACTERS_A_KIND, *end = wcschr(title, L'\n');
    if (!end || !end[1]) return;
    wchar_t *shown = calloc(end - title + 1, sizeof *shown);
    wcsncpy(shown, title, end - title);
    answer_the_box(shown);
    MessageBoxW(0, StrPtr(end + 1), StrPtr(shown), answer[0] == L'i' ? 64 : 48);
}

int wmain(int count, wchar_t **given) {
    if (!wcscmp(given[1], L"-E")) { /* started as a Python, one that never answers */
        for (double started = now(); now() - started < 60;) let_messages_through();
        return 3;
    }
    static wchar_t base[40000], job[40000], answer_file[40000], text[40000], command[40000], folder[40000];
    wchar_t *python = Expanded(given[1]);
    if (!IsFile(python)) return 4;
    swprintf(base, 40000, L"%lsxl-jifen-", TempFolder()); /* C does not say in which order it asks within one call */
    swprintf(base + wcslen(base), 20, L"%d-", GetCurrentProcessId());
    swprintf(base + wcslen(base), 20, L"%X", GetTickCount());
    swprintf(job, 40000, L"%ls.job", base);
    swprintf(answer_file, 40000, L"%ls.answer", base);
    swprintf(text, 40000, L"%ls\n%ls\n%ls\nC:\\Program Files\\Microsoft Office\\root\\Office16\n%ls\n", given[2], given[3],
             given[4], answer_file);
    WriteText(job, text);
    swprintf(command, 40000, L"\"%ls\"%hs\"%ls\"", python, MODULE_TO_RUN, job);
    wcscpy(folder, python);
    wcsrchr(folder, L'\\')[1] = 0;
    StartupInfo startup = {0};
    ProcessInformation process = {0};
    startup.cb = sizeof startup;
    printf("startup %d\n", startup.cb);
    double started = now();
    const wchar_t *answer = L"";
    if (CreateProcessW(0, StrPtr(command), 0, 0, 0, CREATE_NO_WINDOW, 0, StrPtr(folder), &startup, &process) != 0) {
        CloseHandle(process.hThread);
        WaitFor(process.hProcess, _wtoi(given[5]));
        printf("seconds %f\n", now() - started);
        CloseHandle(process.hProcess);
        answer = ReadText(answer_file);
        DeleteFileW(StrPtr(answer_file));
    }
    DeleteFileW(StrPtr(job));
    tell("answer", answer, wcslen(answer) * sizeof *answer);
    if (*answer) ShowAnswer(answer);
    return 0;
}
