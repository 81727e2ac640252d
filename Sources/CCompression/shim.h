// libzstd and zlib as Swift sees them.
#pragma once
#include <zlib.h>
#include <zstd.h>
