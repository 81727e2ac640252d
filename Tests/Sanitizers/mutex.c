// The way of Swift's Mutex where another thread holds it, for ThreadSanitizer.
//
// The fast way is inlined and so instrumented; this one lies in libswiftSynchronization, which is not, and
// without it every value behind a contended Mutex looks like a race (Swift 6.3,
// stdlib/public/Synchronization/Mutex/LinuxImpl.swift). A word holds the owner's thread id or 0.
#include "mutex.h"

#include <sched.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

SWIFT void lock_slow(uint32_t owner, SELF _Atomic uint32_t *word) __asm__(
    "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
SWIFT void unlock_slow(SELF _Atomic uint32_t *word) __asm__(
    "$s15Synchronization12_MutexHandleV11_unlockSlowyyF");

SWIFT void lock_slow(uint32_t owner, SELF _Atomic uint32_t *word) {
  for (;;) {
    uint32_t nobody = 0;
    if (atomic_compare_exchange_weak_explicit(
            word, &nobody, owner, memory_order_acquire, memory_order_relaxed))
      return;
    sched_yield();
  }
}

SWIFT void unlock_slow(SELF _Atomic uint32_t *word) {
  atomic_store_explicit(word, 0, memory_order_release);
}
