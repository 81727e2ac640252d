// Calls of Linux that Swift's Glibc module hides, because it is built without _GNU_SOURCE.
#pragma once
#include <stddef.h>
#include <sys/types.h>

/// A pipe with both ends closed on exec that holds `capacity` bytes, or as many as it may;
/// returns how many, or -1.
int linux_pipe(int ends[2], int capacity);
/// Moves pages between a pipe and another file, not waiting for `from` where asked not to.
ssize_t linux_splice(int from, int to, size_t count, int without_waiting);
/// Copies between files at the given places, inside the kernel, and moves both on.
ssize_t linux_copy(int from, off_t *from_at, int to, off_t *to_at, size_t count);
/// Gives the disk space of a range back; the file keeps its size.
int linux_punch(int file, off_t at, off_t count);
/// The first stored byte at or after `at`, or -1.
off_t linux_seek_data(int file, off_t at);
/// A descriptor of the process `process`, readable once that has ended; -1 where there is none.
int linux_process(pid_t process);
/// A duplicate of descriptor `descriptor` of the process behind `process`, or -1.
int linux_descriptor_of(int process, int descriptor);
/// Lets this process open as many files as it may at most.
void linux_allow_open_files(void);
/// Has the C library keep memory that is freed, up to `size` bytes, for what is needed next; does
/// nothing where the C library is not glibc.
void linux_keep_freed_memory(int size);
/// Gives the freed memory that the C library keeps back to the kernel, and keeps little from then on;
/// does nothing where it is not glibc.
void linux_give_freed_memory_back(void);

/// From now on a read of a mapped page that its file no longer has ends the process with exit code
/// 1 and `message` on standard error, instead of with an unexplained SIGBUS. Mappings are told by
/// `linux_watch_mapping`; a SIGBUS elsewhere ends the process as it would have.
void linux_explain_sigbus(void);
/// `start` is a mapping of `size` bytes; `message`, kept by the callee, says whose it is. Returns a
/// number for `linux_forget_mapping`, or -1 where too many are watched.
int linux_watch_mapping(const void *start, size_t size, const char *message);
/// The mapping with that number is gone.
void linux_forget_mapping(int number);

/// Opens what `name` in the directory `folder` is, not what it leads to where it is a symbolic link; it
/// can be looked at, not read (O_PATH).
int linux_open_link(int folder, const char *name);

/// Makes the file `name` in the directory `folder`, which must stay open, for writing; where a signal ends
/// the process before `linux_keep_draft`, it is removed first. One at a time. Returns its descriptor, or
/// -1 where that cannot be made or is there already.
int linux_make_draft(int folder, const char *name, mode_t mode);
/// Makes a file in the directory `folder` that has no name yet, for writing: nothing is left of it however
/// the process ends (O_TMPFILE). Returns its descriptor, or -1 where the file system has no such files.
int linux_make_nameless_draft(int folder, mode_t mode);
/// Gives the nameless draft `file` the name `name` in `folder`: from now on it is as one that
/// `linux_make_draft` has made. Returns 0, or -1 where that cannot be or the name is taken.
int linux_name_draft(int file, int folder, const char *name);
/// The draft has got its name, and stays.
void linux_keep_draft(void);
/// Removes the draft that was not kept; may be called in a signal handler.
void linux_remove_draft(void);

/// Has the file `to` get the extended attributes of the file `from`, its access control list among them;
/// those that hold rights to run programs, or checksums, are left. Returns 0, or -1 with the name of the
/// first one that could not be given in `missed`, of at least 256 bytes.
int linux_copy_attributes(int from, int to, char *missed);
/// Sends a signal to the process behind `process` (pidfd_send_signal); 0, or -1.
int linux_signal(int process, int signal);

/// How many CPUs this process's affinity mask has, or -1 where that cannot be told.
int linux_allowed_cpus(void);

/// Takes the terminal: the alternate screen, keys one by one without echo. It is given back by
/// `linux_screen_end`, and where a signal of a crash ends the process; -1 where it cannot be had.
int linux_screen_begin(void);
/// Gives the terminal back as it was; safe in a signal's handler, and twice.
void linux_screen_end(void);
/// A descriptor that is readable when there are signals that `linux_screen_signal` tells: size, stop and
/// end, which are blocked from now on; -1 on failure.
int linux_signal_events(void);
/// A descriptor that is readable when there are keys on standard input, or signals that
/// `linux_screen_signal` tells: size, stop and end, which are blocked from now on; -1 on failure.
int linux_screen_events(void);
/// The next signal that has come, or 0.
int linux_screen_signal(void);
/// Stops the process until it is continued.
void linux_stop_here(void);
/// Ends the process by signal `number`, as if it had not been blocked.
void linux_end_by(int number);

/// Locks an open file for this process (fcntl(2)), not waiting; 0, or -1 where another has it. The lock ends
/// when the process closes any descriptor of the file.
int linux_lock(int file);
/// The process that has locked the file, 0 where none has, below 0 where it cannot be named.
pid_t linux_lock_holder(int file);
/// Kills the process that has locked the file and waits for its end; 0, or -1 where that did not come about.
int linux_end_lock_holder(int file, int milliseconds);

/// Closes the descriptors from `first` on.
void linux_close_from(int first);
/// Sends a line to the socket of the system's log at `path`; 0, or -1 where none listens.
int linux_log(const char *path, const char *line);

/// A descriptor that is readable when `linux_service_signal` or `linux_service_called` has something to
/// take: signals that end the process, ends of children, and calls. Those signals are blocked from now
/// on, in threads that are made later too; -1 on failure. Once a process.
int linux_service_events(void);
/// The next signal that is to end the process, or 0.
int linux_service_signal(void);
/// Makes the descriptor readable, from any thread.
void linux_service_call(void);
/// Takes the calls that have come.
void linux_service_called(void);
/// Gives up all capabilities of this thread but CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, and the way to
/// get others (no_new_privs); -1 on failure. Before other threads are made.
int linux_keep_only_looking(void);
