// A team of threads for the parts of a step: whoever is free takes the next part, so their number changes no bit.
//
// The threads are kept between calls. Within a call they spin, since a phase lasts microseconds; between calls they
// sleep. Where the other cores are slow to answer, as on a busy machine, the calling thread does all parts itself.
#pragma once
#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "job.hpp"

namespace deltarule {

class Team {
  static constexpr int most = 256;
  pthread_mutex_t call = PTHREAD_MUTEX_INITIALIZER, sleep = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
  int threads = 0;                       // besides the calling one
  std::atomic<int> wanted{0};            // how many of them may work now; 0 lets them sleep
  std::atomic<std::uint64_t> ticket{0};  // the phase, and in the lower half the next part of it
  std::atomic<int> finished{0}, parts{0};
  Work work = nullptr;
  void* context = nullptr;
  int want = 0, steps = 0;  // the others of this call; the steps since `begun`
  bool alone = false, tries = false;
  double begun = 0, left = 0, seconds = 0, next_try = 0.03, pause = shortest;  // seconds of a step, before the try
  static constexpr double shortest = 0.05, longest = 3;

  static double now() {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
  }
  void turn() { set_wanted((alone = !alone) ? 0 : want); }
  // Now and then, try for some steps whether it is faster to work alone, or no longer; the faster way stays.
  void compare() {
    const double end = now(), mean = (end - begun) / steps;
    if (tries) {
      const bool is_faster = mean < 0.95 * seconds;
      pause = is_faster ? shortest : 2 * pause < longest ? 2 * pause : longest;
      const double least = is_faster ? 0 : 20 * (end - begun);  // so that tries take a twentieth of the time
      next_try = end + (pause > least ? pause : least), tries = false;
      if (!is_faster) turn();
    } else if (end > next_try)
      seconds = mean, tries = true, turn();
    steps = 0, begun = now();
  }
  static void rest() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
  }
  static int cores() {
#if defined(__linux__)
    cpu_set_t set;
    if (!sched_getaffinity(0, sizeof set, &set)) return CPU_COUNT(&set);
#endif
    const long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? int(n) : 1;
  }

  // Take parts of this phase until none is left.
  void take(std::uint64_t phase) {
    for (std::uint64_t t = ticket.load(std::memory_order_acquire); t >> 32 == phase;) {
      const int part = int(t & 0xffffffffu);
      if (part >= parts.load(std::memory_order_relaxed)) return;
      if (!ticket.compare_exchange_weak(t, t + 1, std::memory_order_acq_rel)) continue;
      work(context, part);
      finished.fetch_add(1, std::memory_order_acq_rel);
      t = ticket.load(std::memory_order_acquire);
    }
  }
  struct Member {
    Team* team;
    int number;
  } members[most];
  static void* live(void* of) {
    const Member member = *static_cast<Member*>(of);
    member.team->serve(member.number);
    return nullptr;
  }
  void serve(int number) {
    std::uint64_t seen = 0;
    for (;;) {
      if (wanted.load(std::memory_order_acquire) <= number) {
        pthread_mutex_lock(&sleep);
        while (wanted.load(std::memory_order_acquire) <= number) pthread_cond_wait(&wake, &sleep);
        pthread_mutex_unlock(&sleep);
      }
      for (int spins = 0; wanted.load(std::memory_order_acquire) > number; spins++) {
        const std::uint64_t phase = ticket.load(std::memory_order_acquire) >> 32;
        if (phase != seen) {
          take(phase);
          seen = phase, spins = 0;
        }
        if (spins < 4000)
          rest();
        else
          sched_yield();
      }
    }
  }
  void set_wanted(int count) {
    pthread_mutex_lock(&sleep);
    wanted.store(count, std::memory_order_release);
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&sleep);
  }
  void run_together(int count, Work new_work, void* new_context) {
    // a thread that still looks at the last phase must find none of its parts left, also where this one has more
    ticket.fetch_or(0x7fffffffu, std::memory_order_acq_rel);
    work = new_work, context = new_context;
    parts.store(count, std::memory_order_relaxed), finished.store(0, std::memory_order_relaxed);
    const std::uint64_t phase = (ticket.load(std::memory_order_relaxed) >> 32) + 1;
    ticket.store(phase << 32, std::memory_order_release);
    take(phase);
    for (int spins = 0; finished.load(std::memory_order_acquire) < count; spins++)
      if (spins < 4000)
        rest();
      else
        sched_yield();
  }

 public:
  // Let a call have the team; false where another call has it.
  bool enter(int count) {
    if (pthread_mutex_trylock(&call)) return false;
    want = (count < cores() ? count : cores()) - 1;
    want = want < most ? want : most;
    while (threads < want) {
      members[threads] = {this, threads};
      pthread_t thread;
      if (pthread_create(&thread, nullptr, live, members + threads)) break;
      pthread_detach(thread);
      threads++;
    }
    want = want < threads ? want : threads;
    alone = alone != tries, tries = false;  // the last call ended during a try
    steps = 0, begun = now();
    next_try += begun - left;  // the time between calls does not count
    if (want && !alone) set_wanted(want);
    return true;
  }
  void leave() {
    if (wanted.load()) set_wanted(0);
    left = now();
    pthread_mutex_unlock(&call);
  }
  void end_step() {
    const double spent = now() - begun;
    if (want && ++steps >= 2 && (spent > 0.02 || (steps >= 24 && spent > 0.002))) compare();
  }
  void run(int count, Work new_work, void* new_context) {
    if (wanted.load(std::memory_order_relaxed))
      run_together(count, new_work, new_context);
    else
      for (int part = 0; part < count; part++) new_work(new_context, part);
  }

  // In the child of a fork: the threads are the parent's.
  void forget() {
    pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t idle = PTHREAD_COND_INITIALIZER;
    call = fresh, sleep = fresh, wake = idle;
    threads = 0;
    wanted.store(0);
  }
};

}  // namespace deltarule
