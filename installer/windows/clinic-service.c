/* The clinic as a Windows service: clinic-service.exe NAME LOG PROGRAM ARGUMENTS...

   Windows' service manager starts it. It keeps PROGRAM running, writes what that says to LOG, and
   ends it in good order: PROGRAM waits for the event Global\ClinicStop-<its process id>. All that
   PROGRAM starts lies in one job, so that nothing outlives this program, however it ends.
   A program that ends with status ASKED was asked to; anything else and it is started again (whoever
   kills a program chooses its status, and some choose 0). */

#ifndef UNICODE
#define UNICODE
#endif
#define _WIN32_WINNT 0x0601
#include <windows.h>
#include <wchar.h>

#define STEADY_MS 10000   /* who lived this long was a good start */
#define LONGEST_PAUSE 30000
#define STOP_MS 25000
#define ASKED 77             /* supervisor_windows.py says so */

static wchar_t *name, *log_path, *command;
static HANDLE stopping;
static SERVICE_STATUS_HANDLE manager;

static void report(DWORD state, DWORD hint, DWORD error)
{
    SERVICE_STATUS status = {0};
    status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
    status.dwCurrentState = state;
    status.dwControlsAccepted =
        state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN : 0;
    status.dwWin32ExitCode = error;
    status.dwWaitHint = hint;
    SetServiceStatus(manager, &status);
}

static DWORD WINAPI control(DWORD what, DWORD type, void *data, void *context)
{
    (void)type, (void)data, (void)context;
    if (what == SERVICE_CONTROL_STOP || what == SERVICE_CONTROL_SHUTDOWN) {
        report(SERVICE_STOP_PENDING, STOP_MS + 5000, NO_ERROR);
        SetEvent(stopping);
    }
    return what == SERVICE_CONTROL_STOP || what == SERVICE_CONTROL_SHUTDOWN
                   || what == SERVICE_CONTROL_INTERROGATE
               ? NO_ERROR
               : ERROR_CALL_NOT_IMPLEMENTED;
}

static void write_log(const void *text, DWORD length)
{
    DWORD written;
    /* Opened each time: whoever tidies the logs may move or empty the file meanwhile. */
    HANDLE file = CreateFileW(log_path, FILE_APPEND_DATA,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return;
    WriteFile(file, text, length, &written, NULL);
    CloseHandle(file);
}

static DWORD WINAPI pump(void *from)
{
    char text[4096];
    DWORD length;
    while (ReadFile(from, text, sizeof text, &length, NULL) && length)
        write_log(text, length);
    CloseHandle(from);
    return 0;
}

static HANDLE new_job(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    HANDLE job = CreateJobObjectW(NULL, NULL);
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    if (job)
        SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
    return job;
}

/* Starts the program with its words going to the log; FALSE when that can't be done. */
static BOOL launch(HANDLE job, PROCESS_INFORMATION *started)
{
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    STARTUPINFOW how = {0};
    HANDLE from, to, nothing;
    BOOL done;
    if (!CreatePipe(&from, &to, &inherited, 0))
        return FALSE;
    SetHandleInformation(from, HANDLE_FLAG_INHERIT, 0);
    nothing = CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited,
                          OPEN_EXISTING, 0, NULL);
    how.cb = sizeof how;
    how.dwFlags = STARTF_USESTDHANDLES;
    how.hStdInput = nothing;
    how.hStdOutput = how.hStdError = to;
    done = CreateProcessW(NULL, command, NULL, NULL, TRUE, CREATE_SUSPENDED | CREATE_NO_WINDOW,
                          NULL, NULL, &how, started);
    CloseHandle(to);
    CloseHandle(nothing);
    if (!done) {
        CloseHandle(from);
        return FALSE;
    }
    AssignProcessToJobObject(job, started->hProcess);
    CloseHandle(CreateThread(NULL, 0, pump, from, 0, NULL));
    ResumeThread(started->hThread);
    CloseHandle(started->hThread);
    return TRUE;
}

static void ask_to_stop(DWORD pid)
{
    wchar_t event_name[64];
    HANDLE asked;
    _snwprintf(event_name, 64, L"Global\\ClinicStop-%lu", pid);
    asked = OpenEventW(EVENT_MODIFY_STATE, FALSE, event_name);
    if (!asked)
        return;
    SetEvent(asked);
    CloseHandle(asked);
}

/* Runs the program to its end; its exit status. */
static DWORD run(void)
{
    static const char sentence[] = "clinic: the service can't start its program.\r\n";
    PROCESS_INFORMATION started;
    HANDLE job = new_job(), both[2];
    DWORD status = 1;
    if (!launch(job, &started)) {
        write_log(sentence, sizeof sentence - 1);
        CloseHandle(job);
        return 1;
    }
    both[0] = stopping;
    both[1] = started.hProcess;
    if (WaitForMultipleObjects(2, both, FALSE, INFINITE) == WAIT_OBJECT_0) {
        ask_to_stop(started.dwProcessId);
        WaitForSingleObject(started.hProcess, STOP_MS);
    }
    GetExitCodeProcess(started.hProcess, &status);
    CloseHandle(started.hProcess);
    TerminateJobObject(job, 1);
    CloseHandle(job);
    return status;
}

static void WINAPI serve(DWORD count, wchar_t **words)
{
    DWORD pause = 1000;
    (void)count, (void)words;
    manager = RegisterServiceCtrlHandlerExW(name, control, NULL);
    if (!manager)
        return;
    stopping = CreateEventW(NULL, TRUE, FALSE, NULL);
    report(SERVICE_RUNNING, 0, NO_ERROR);
    for (;;) {
        ULONGLONG began = GetTickCount64();
        if (run() == ASKED || WaitForSingleObject(stopping, 0) == WAIT_OBJECT_0)
            break;
        if (GetTickCount64() - began >= STEADY_MS)
            pause = 1000;
        if (WaitForSingleObject(stopping, pause) == WAIT_OBJECT_0)
            break;
        pause = pause * 2 > LONGEST_PAUSE ? LONGEST_PAUSE : pause * 2;
    }
    report(SERVICE_STOPPED, 0, NO_ERROR);
}

/* The rest of a command line after its first word, as Windows itself takes words apart here. */
static wchar_t *after_word(wchar_t *at)
{
    BOOL quoted = FALSE;
    for (; *at && (quoted || (*at != L' ' && *at != L'\t')); at++)
        if (*at == L'"')
            quoted = !quoted;
    while (*at == L' ' || *at == L'\t')
        at++;
    return at;
}

int wmain(void)
{
    SERVICE_TABLE_ENTRYW table[2] = {{0}};
    int count;
    wchar_t **words = CommandLineToArgvW(GetCommandLineW(), &count);
    if (!words || count < 4)
        return 2;
    name = words[1];
    log_path = words[2];
    command = after_word(after_word(after_word(GetCommandLineW())));
    SetEnvironmentVariableW(L"PYTHONUTF8", L"1"); /* text between our programs is UTF-8 */
    table[0].lpServiceName = name;
    table[0].lpServiceProc = serve;
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
