/* Loaded into a process by LD_PRELOAD: kills it with SIGKILL just before the nth step that it takes on the disk.
   Steps count while the file named by DIE_PLAN is there, which holds n. Each is noted in the file DIE_PLAN.steps. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *plan;
static atomic_int steps;

__attribute__((constructor)) static void begin(void) {
  plan = getenv("DIE_PLAN");
  unsetenv("LD_PRELOAD"); /* commands that the process starts live on */
}

static void note(const char *what, const char *where) {
  char name[4096], line[8192];
  snprintf(name, sizeof name, "%s.steps", plan);
  int length = snprintf(line, sizeof line, "%s %s\n", what, where);
  int file = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file >= 0) {
    (void)!write(file, line, length);
    close(file);
  }
}

static void step(const char *what, const char *where) {
  char text[16] = {0};
  int file = plan ? open(plan, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) {
    return;
  }
  (void)!read(file, text, sizeof text - 1);
  close(file);
  note(what, where);
  if (atomic_fetch_add(&steps, 1) + 1 >= atoi(text)) {
    kill(getpid(), SIGKILL);
    for (;;) {
      pause();
    }
  }
}

static void step_on(const char *what, int file) {
  char link[64], path[4096] = {0};
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  (void)!readlink(link, path, sizeof path - 1);
  step(what, path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int rename(const char *from, const char *to) { step("rename", to); return REAL(rename)(from, to); }
int unlink(const char *path) { step("unlink", path); return REAL(unlink)(path); }
int mkdir(const char *path, mode_t mode) { step("mkdir", path); return REAL(mkdir)(path, mode); }
int fsync(int file) { step_on("flush", file); return REAL(fsync)(file); }
int fdatasync(int file) { step_on("flush", file); return REAL(fdatasync)(file); }
