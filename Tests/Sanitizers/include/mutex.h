// Nothing is called by name: the linker puts it in the library's place.
#include <stdatomic.h>
#include <stdint.h>
