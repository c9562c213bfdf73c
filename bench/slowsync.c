/* Every fsync and fdatasync takes 2 ms longer, as on an ordinary disk. Preloaded: LD_PRELOAD=slowsync.so program */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <time.h>

static const struct timespec MORE = {0, 2000000};

static int slowly(int result)
{
    int kept = errno;
    nanosleep(&MORE, 0);
    errno = kept;
    return result;
}

int fsync(int file)
{
    static int (*real)(int);
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return slowly(real(file));
}

int fdatasync(int file)
{
    static int (*real)(int);
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return slowly(real(file));
}
