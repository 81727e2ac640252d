// What PollTraceReplay sees of C.
#include "replay.h"
#include "schedule.h"
