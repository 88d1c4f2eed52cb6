// The kernels of one instruction level: this file is compiled once for each, and DELTARULE_LEVEL names it.

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

namespace deltarule::DELTARULE_LEVEL {

const char *level() { return TEXT(DELTARULE_LEVEL); }

}  // namespace deltarule::DELTARULE_LEVEL
