// Preloaded into a program: says into the file EXIT_HANDLERS what asks to be called when the program ends, a library a line.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int __cxa_atexit(void (*handler)(void *), void *argument, void *library) {
    static int (*next)(void (*)(void *), void *, void *);
    if (next == NULL)
        next = (int (*)(void (*)(void *), void *, void *))dlsym(RTLD_NEXT, "__cxa_atexit");
    const char *path = getenv("EXIT_HANDLERS");
    Dl_info whose;
    FILE *said;
    if (path != NULL && dladdr((void *)handler, &whose) && (said = fopen(path, "a")) != NULL) {
        fprintf(said, "%s\n", whose.dli_fname);
        fclose(said);
    }
    return next(handler, argument, library);
}
