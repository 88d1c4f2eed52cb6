// The kernels of one instruction level: this file is compiled once for each, and DELTARULE_LEVEL names it.
#include "build.hpp"

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

namespace deltarule::DELTARULE_LEVEL {

template <class R> static std::int32_t run_job(Job& job, RunParts run_parts, void* team) {
  Program<R> program(job, run_parts, team);
  if (program.failed()) return Outcome::no_memory;
  job.training ? program.train() : program.evaluate();
  return Outcome::done;
}

std::int32_t run_double(Job& job, RunParts run_parts, void* team);

#if defined(DELTARULE_DOUBLE)
std::int32_t run_double(Job& job, RunParts run_parts, void* team) { return run_job<double>(job, run_parts, team); }
#else
const char* level() { return TEXT(DELTARULE_LEVEL); }
std::int32_t run(Job& job, RunParts run_parts, void* team) {
  return job.is_double ? run_double(job, run_parts, team) : run_job<float>(job, run_parts, team);
}
#endif

}  // namespace deltarule::DELTARULE_LEVEL
