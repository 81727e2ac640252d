#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

// The alternate screen, no cursor, no wrapping at the right edge; and back.
static const char begin[] = "\033[?1049h\033[?25l\033[?7l";
static const char end[] = "\033[0m\033[?7h\033[?25h\033[?1049l";

static struct termios before;
static volatile sig_atomic_t is_on;
static int signals = -1;

// Signals that end the process unasked: the terminal is put right first.
static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
// Signals that are read from `signals`.
static const int asked[] = {SIGWINCH, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT};

static void crash(int signal) {
  linux_screen_end();
  // SA_RESETHAND: what caused it happens again, or this, and then ends the process.
  raise(signal);
}

int linux_screen_begin(void) {
  if (is_on) return 0;
  if (tcgetattr(STDIN_FILENO, &before) < 0) return -1;
  struct termios raw = before;
  // Signals of keys stay: Ctrl-C and Ctrl-Z are asked for below.
  raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  // A stack that has run over cannot take the handler.
  static char room[1 << 16];
  stack_t stack = {.ss_sp = room, .ss_size = sizeof room};
  sigaltstack(&stack, NULL);
  struct sigaction action = {
      .sa_handler = crash, .sa_flags = (int)SA_RESETHAND | SA_NODEFER | SA_ONSTACK};
  for (size_t index = 0; index < sizeof crashes / sizeof *crashes; index++)
    sigaction(crashes[index], &action, NULL);
  is_on = 1;
  if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) < 0) {
    is_on = 0;
    return -1;
  }
  return write(STDOUT_FILENO, begin, sizeof begin - 1) < 0 ? -1 : 0;
}

void linux_screen_end(void) {
  if (!is_on) return;
  is_on = 0;
  ssize_t written = write(STDOUT_FILENO, end, sizeof end - 1);
  (void)written;
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
}

int linux_signal_events(void) {
  sigset_t set;
  sigemptyset(&set);
  for (size_t index = 0; index < sizeof asked / sizeof *asked; index++) {
    // What whoever started us has ignored, as nohup does, would come all the same once it is blocked.
    struct sigaction action;
    if (sigaction(asked[index], NULL, &action) == 0 && action.sa_handler == SIG_IGN) continue;
    sigaddset(&set, asked[index]);
  }
  // Whoever reads what is written may go away: a write says so, and what is held is given back.
  signal(SIGPIPE, SIG_IGN);
  if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return -1;
  signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return signals;
}

int linux_screen_events(void) {
  linux_signal_events();
  int events = epoll_create1(EPOLL_CLOEXEC);
  if (signals < 0 || events < 0) return -1;
  struct epoll_event input = {.events = EPOLLIN};
  if (epoll_ctl(events, EPOLL_CTL_ADD, STDIN_FILENO, &input) < 0 ||
      epoll_ctl(events, EPOLL_CTL_ADD, signals, &input) < 0)
    return -1;
  return events;
}

int linux_screen_signal(void) {
  struct signalfd_siginfo info;
  ssize_t count = read(signals, &info, sizeof info);
  return count == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

void linux_stop_here(void) { raise(SIGSTOP); }

void linux_end_by(int number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  signal(number, SIG_DFL);
  raise(number);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
}
