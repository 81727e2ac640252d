#!/usr/bin/env python3
"""Decodes `polltrace export --to perfetto` with Perfetto's published schema, and checks its rules.

Usage: perfetto_check.py POLLTRACE TRACE...   (with a python that has perfetto: make export-test)
Prints a line a trace; fails where a field is unknown to the schema, or a rule is broken: tracks are
described before use, packets in order of time in each sequence, slices nested, flows have both ends,
counters a unit, names interned; or where the slices are not the report's halts.
"""
import json
import os
import subprocess
import sys

from google.protobuf import unknown_fields
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as schema

EVENT = schema.TrackEvent
# What a halt's own slice is called.
HALTS = {"polled", "waited", "waited, poll abandoned", "woken at once"}


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if done.returncode not in (0, 2):
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}")
    return done.stdout


def has_unknown(message):
    """Whether a field of it, or of anything in it, is not in the schema."""
    if len(unknown_fields.UnknownFieldSet(message)):
        return True
    for field, value in message.ListFields():
        if field.message_type:
            parts = value if field.is_repeated else [value]
            if any(has_unknown(part) for part in parts):
                return True
    return False


class Checker:
    def __init__(self):
        self.faults = []
        self.tracks = {}        # uuid → descriptor
        self.times = {}         # sequence → last time
        self.names = {}         # sequence → iid → name, of events
        self.arguments = {}     # the same of arguments and of words
        self.words = {}
        self.stacks = {}        # track → open slices: (name, time)
        self.starts, self.finishes = {}, {}  # flow → time
        self.counts = {}        # name → number of slices and instants
        self.block = 0

    def fault(self, what):
        if len(self.faults) < 10:
            self.faults.append(what)

    def check(self, trace):
        if has_unknown(trace):
            self.fault("a field that the schema does not have")
        for number, packet in enumerate(trace.packet):
            self.packet(number, packet)
        for track, stack in self.stacks.items():
            if stack:
                self.fault(f"track {track}: {stack[-1][0]} is not ended")
        if self.starts.keys() != self.finishes.keys():
            self.fault(f"{len(self.starts.keys() ^ self.finishes.keys())} flows with one end")
        for flow, time in self.starts.items():
            if self.finishes.get(flow, time) < time:
                self.fault(f"flow {flow} goes back in time")

    def packet(self, number, packet):
        sequence = packet.trusted_packet_sequence_id
        if not sequence:
            self.fault(f"packet {number} has no sequence")
        if packet.sequence_flags & 1:
            data = packet.interned_data
            self.names[sequence] = {name.iid: name.name for name in data.event_names}
            self.arguments[sequence] = {n.iid: n.name for n in data.debug_annotation_names}
            self.words[sequence] = {
                s.iid: s.str.decode() for s in data.debug_annotation_string_values}
        if packet.HasField("track_descriptor"):
            descriptor = packet.track_descriptor
            if descriptor.uuid in self.tracks or not descriptor.uuid:
                self.fault(f"track {descriptor.uuid} is described twice, or has no number")
            if descriptor.parent_uuid and descriptor.parent_uuid not in self.tracks:
                self.fault(f"track {descriptor.uuid}: its parent is not described before")
            if descriptor.HasField("counter") and not descriptor.counter.unit:
                self.fault(f"track {descriptor.uuid}: a counter without unit")
            self.tracks[descriptor.uuid] = descriptor
        if packet.HasField("track_event"):
            time = packet.timestamp
            if time < self.times.get(sequence, 0):
                self.fault(f"packet {number} lies before the one that precedes it")
            self.times[sequence] = time
            if not packet.sequence_flags & 2 or sequence not in self.names:
                self.fault(f"packet {number} refers to names that are not there")
                return
            self.event(number, sequence, time, packet.track_event)

    def event(self, number, sequence, time, event):
        track = self.tracks.get(event.track_uuid)
        if track is None:
            self.fault(f"packet {number}: track {event.track_uuid} is not described before")
            return
        if track.HasField("counter") != (event.type == EVENT.TYPE_COUNTER):
            self.fault(f"packet {number}: a counter's value elsewhere, or something else on it")
        for flow in event.flow_ids:
            if flow in self.starts:
                self.fault(f"flow {flow} begins twice")
            self.starts[flow] = time
        for flow in event.terminating_flow_ids:
            if flow in self.finishes:
                self.fault(f"flow {flow} ends twice")
            self.finishes[flow] = time
        stack = self.stacks.setdefault(event.track_uuid, [])
        if event.type in (EVENT.TYPE_SLICE_BEGIN, EVENT.TYPE_INSTANT):
            name = self.names[sequence].get(event.name_iid)
            if not name:
                self.fault(f"packet {number} has no name")
            self.counts[name] = self.counts.get(name, 0) + 1
            self.annotations(number, sequence, name, event)
        if event.type == EVENT.TYPE_SLICE_BEGIN:
            if (name in HALTS) != (not stack):
                self.fault(f"packet {number}: {name} at depth {len(stack)}")
            stack.append((name, time))
        elif event.type == EVENT.TYPE_SLICE_END:
            if not stack or stack[-1][1] > time:
                self.fault(f"packet {number} ends no slice")
            else:
                stack.pop()

    def annotations(self, number, sequence, name, event):
        for annotation in event.debug_annotations:
            argument = self.arguments[sequence].get(annotation.name_iid)
            if not argument:
                self.fault(f"packet {number}: an argument without name")
            if annotation.string_value_iid:
                if annotation.string_value_iid not in self.words[sequence]:
                    self.fault(f"packet {number}: a word that is not there")
            if argument == "block_ns" and name in HALTS:
                self.block += annotation.uint_value


def differences(checker, report):
    total, counters = report["total"], report["total"]["kernel_counters"]
    counts = checker.counts
    found = {
        "halts": sum(counts.get(name, 0) for name in HALTS),
        "block_ns": checker.block,
        "grow": counts.get("grow", 0), "shrink": counts.get("shrink", 0),
        "wakers": sum(n for name, n in counts.items() if name.startswith("wakes ")),
        "vcpus": sum(1 for t in checker.tracks.values() if t.HasField("counter")),
    }
    wanted = {
        "halts": total["halts"], "block_ns": total["block_ns"]["sum"],
        "grow": total["grows"], "shrink": total["shrinks"],
        "wakers": total["wake_latency_ns"]["count"], "vcpus": len(report["vcpus"]),
    }
    return {name: (found[name], wanted[name]) for name in wanted if found[name] != wanted[name]}


def main():
    polltrace, traces = sys.argv[1], sys.argv[2:]
    failed = not traces
    for path in traces:
        trace = schema.Trace.FromString(run(polltrace, "export", path, "--to", "perfetto"))
        checker = Checker()
        checker.check(trace)
        report = json.loads(
            run(polltrace, "report", path, "--format", "json", "--no-recommendation"))
        other = differences(checker, report)
        failed = failed or bool(checker.faults) or bool(other)
        print(f"{os.path.basename(path)}: {len(trace.packet)} packets,"
              f" {checker.faults or 'rules kept'}, {other or 'the halts of the report'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
