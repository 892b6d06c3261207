/* tasklist.exe and taskkill.exe for the tests: an Excel without a window is told, and whoever is called notes it. */
#include <stdio.h>
#include <wchar.h>

int wmain(int count, wchar_t **given) {
    FILE *noted = _wfopen(_wgetenv(L"XL_JIFEN_NOTED"), L"a");
    for (int at = 0; at < count; at++) fwprintf(noted, L"%ls ", given[at]);
    fwprintf(noted, L"\n");
    fclose(noted);
    printf("\nImage Name PID Session Name Session# Mem Usage\n====== ====== ====== ====== ======\n");
    printf("EXCEL.EXE 4242 Console 1 90,000 K\n");
    return 0;
}
