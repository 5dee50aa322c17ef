// Runs PROGRAM under those restrictions of parceler.service that a process can put on itself: no new privileges, no capabilities,
// no memory that is written and run, an umask. systemd does the same, and more.
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <stdio.h>
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif

int main(int count, char **arguments)
{
    (void)count;
    for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++)
        ;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return 126;
    prctl(PR_SET_MDWE, 1, 0, 0, 0); // kernels before 6.3 do not know it
    umask(027);
    execv(PROGRAM, arguments);
    perror(PROGRAM);
    return 127;
}
