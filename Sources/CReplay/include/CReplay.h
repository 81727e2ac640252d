// What PollTraceReplay sees of C.
#include "schedule.h"
