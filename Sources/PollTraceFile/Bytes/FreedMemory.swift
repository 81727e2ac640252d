internal import CLinux

/// Memory that was freed and is needed again soon: each part of a trace needs what the last one had.
package enum FreedMemory {
  /// Keeps up to 64 MiB of it instead of giving it back to the kernel.
  ///
  /// The kernel would clear each page once more: a tenth of the time of a report. For commands: it is
  /// the whole process's allocator.
  package static func keep() { linux_keep_freed_memory(64 << 20) }

  /// Gives back what is kept: the work ahead needs less than the work that is done.
  package static func giveBack() { linux_give_freed_memory_back() }
}
