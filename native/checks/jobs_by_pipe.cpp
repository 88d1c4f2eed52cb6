// A program with the library in it: it reads jobs from stdin, does them, and writes what they changed to stdout.
//
// So kernels for another processor run under an emulator, while the tests run in a Python of this machine. An array is
// sent as its size in bytes and its bytes; a missing one as 0. tools/emulated_library.py is the other end.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

#include "../job.hpp"

extern "C" std::int32_t deltarule_version(void);
extern "C" const char* deltarule_level(void);
extern "C" std::int32_t deltarule_run(deltarule::Job* job, const char* level);

namespace {

using Size = std::uint64_t;

struct Array {
  Size size;
  void* data;
};

void receive(void* to, Size size) {
  if (std::fread(to, 1, size, stdin) != size) std::exit(std::feof(stdin) ? 0 : 1);
}

void send(const void* from, Size size) {
  if (std::fwrite(from, 1, size, stdout) != size) std::exit(1);
}

// Exactly as large as what was sent, so that an emulator or sanitizer can notice what reads beyond.
Array receive_array() {
  Array array = {0, nullptr};
  receive(&array.size, sizeof array.size);
  if (!array.size) return array;
  array.data = std::malloc(array.size);
  if (!array.data) std::exit(1);
  receive(array.data, array.size);
  return array;
}

// One array for each parameter, or none.
struct Arrays {
  Size count = 0;
  Array* each = nullptr;
  void** pointers = nullptr;

  void receive_all() {
    receive(&count, sizeof count);
    if (!count) return;
    each = static_cast<Array*>(std::malloc(count * sizeof(Array)));
    pointers = static_cast<void**>(std::malloc(count * sizeof(void*)));
    if (!each || !pointers) std::exit(1);
    for (Size i = 0; i < count; i++) pointers[i] = (each[i] = receive_array()).data;
  }
  void send_all() const {
    for (Size i = 0; i < count; i++) send(each[i].data, each[i].size);
  }
  void free_all() {
    for (Size i = 0; i < count; i++) std::free(each[i].data);
    std::free(each), std::free(pointers);
  }
};

void do_one() {
  char level[16];
  deltarule::Job job;
  receive(level, sizeof level);
  receive(&job, sizeof job);
  Arrays parameters, first, second, average;
  for (Arrays* each : {&parameters, &first, &second, &average}) each->receive_all();
  Array arrays[9];  // layer, shrinks, x, y, weights, lengths, order, eta, path
  for (Array& each : arrays) each = receive_array();
  Array z = receive_array();
  job.parameters = parameters.pointers;
  job.first = first.pointers, job.second = second.pointers, job.average = average.pointers;
  job.layer = static_cast<deltarule::LayerJob*>(arrays[0].data);
  job.shrinks = static_cast<std::int64_t*>(arrays[1].data);
  job.x = arrays[2].data, job.y = arrays[3].data, job.weights = arrays[4].data;
  job.lengths = static_cast<std::int32_t*>(arrays[5].data);
  job.order = static_cast<std::int32_t*>(arrays[6].data);
  job.eta = arrays[7].data;
  job.path = static_cast<std::uint32_t*>(arrays[8].data);
  job.z = z.data;
  const std::int32_t outcome = deltarule_run(&job, level);
  send(&outcome, sizeof outcome);
  send(&job, sizeof job);
  for (Arrays* each : {&parameters, &first, &second, &average}) each->send_all(), each->free_all();
  if (z.data) send(z.data, z.size);
  std::fflush(stdout);
  for (Array& each : arrays) std::free(each.data);
  std::free(z.data);
}

}  // namespace

int main() {
  const std::int32_t numbers[2] = {deltarule_version(), static_cast<std::int32_t>(sizeof(deltarule::Job))};
  char level[16] = {};
  std::strncpy(level, deltarule_level(), sizeof level - 1);
  send(numbers, sizeof numbers);
  send(level, sizeof level);
  std::fflush(stdout);
  for (;;) do_one();
}
