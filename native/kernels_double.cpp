// The same in double precision, as a file of its own to be compiled at the same time.
#define DELTARULE_DOUBLE
#include "kernels.cpp"
