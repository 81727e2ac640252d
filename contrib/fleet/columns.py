"""The columns of the CSV files that hosts send, and what the store keeps of them (docs/fleet.md)."""

SCHEMA = "1"

_HOST = ["schema", "host", "boot", "kernel", "arch", "cpu_model", "rules", "labels"]
_COVERAGE = ["events", "lost_events", "losses_of_unknown_size"]
_SETTING = ["halt_poll_ns", "halt_poll_ns_grow", "halt_poll_ns_grow_start", "halt_poll_ns_shrink"]
_OUTCOME = [
    "halts", "attempted_polls", "successful_polls", "abandoned_polls", "poll_success_ns",
    "poll_fail_ns", "wake_latency_sum_ns",
]

# In the order of the files. A later version may add columns behind them.
COLUMNS = {
    "summary": _HOST
    + ["vm_uuid", "vm_pid", "vm_name", "vcpu", "tid", "row", "begin_utc", "end_utc", "recorded_ns"]
    + _COVERAGE + ["file_rows", "own_ceiling_ns"] + _SETTING
    + [
        "vcpu_time_ns", "halts", "polled", "waited", "grows", "shrinks", "block_sum_ns",
        "wake_latency_count", "wake_latency_sum_ns", "halt_attempted_poll", "halt_successful_poll",
        "halt_poll_success_ns", "halt_poll_fail_ns", "halt_wait_ns", "halts_left_out", "gaps",
        "ge_ns", "lt_ns", "count",
    ],
    "sweep": _SETTING + ["vm", "vcpus", "vcpu_time_ns"] + _OUTCOME + _HOST
    + ["vm_uuid", "vm_pid", "vm_name", "own_ceiling_ns", "begin_utc", "end_utc", "recorded_ns"]
    + _COVERAGE + ["in_grid", "is_current", "file_rows"],
}

# What must be a whole number, 0 or more, in every row; in a row of a vCPU and interval; in one of a bucket.
NUMBERS = {
    "summary": ["recorded_ns", "file_rows"] + _COVERAGE + _SETTING,
    "interval": [
        "vcpu_time_ns", "halts", "polled", "waited", "grows", "shrinks", "block_sum_ns",
        "wake_latency_count", "wake_latency_sum_ns", "gaps",
    ],
    "bucket": ["ge_ns", "lt_ns", "count"],
    "sweep": ["recorded_ns", "file_rows", "vcpus", "vcpu_time_ns"] + _COVERAGE + _SETTING + _OUTCOME,
}
