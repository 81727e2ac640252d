// libtracefs and libtraceevent as Swift sees them.
#pragma once
#include <tracefs.h>
#include <event-parse.h>
