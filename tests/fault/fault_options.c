/*
 * What all walks of faults have in common. Each runs the same work hundreds of times, most of it in
 * the engine: so ASan remembers little of who allocated what, fills nothing and keeps freed memory
 * for a shorter time, and files go to memory where that can be written. What it finds is the same.
 */
#include <stdlib.h>
#include <unistd.h>

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "malloc_context_size=2:quarantine_size_mb=4:max_malloc_fill_size=0";
}

__attribute__((constructor)) static void work_in_memory(void)
{
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0);
}
