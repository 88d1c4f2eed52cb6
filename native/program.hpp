// A program: the layers of a job with their memory, and its steps: forward, BP1, backward, update.
#pragma once
#include <time.h>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

#include "costs.hpp"
#include "dense.hpp"
#include "elementwise.hpp"
#include "job.hpp"
#include "normalization.hpp"
#include "pooling.hpp"

namespace deltarule::DELTARULE_LEVEL {

#ifdef __AVX512F__
// Which of 16 numbers are not 0.
INLINE __mmask16 test_nonzero(const std::uint8_t* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return _mm_test_epi8_mask(bytes, bytes);
}
INLINE __mmask16 test_nonzero(const float* from) {
  return _mm512_cmp_ps_mask(_mm512_loadu_ps(from), _mm512_setzero_ps(), _CMP_NEQ_UQ);
}
template <class T> INLINE __mmask16 test_nonzero(const T* from) {
  unsigned some = 0;
  UNROLL for (int i = 0; i < 16; i++) some |= unsigned(from[i] != 0) << i;
  return __mmask16(some);
}
#endif

// The places of the numbers that are not 0, in order; `to` has room for 16 more. Without a branch on the data: which
// numbers are 0 cannot be predicted.
template <class T> INLINE Index find_nonzero(const T* from, Index size, std::int32_t* to) {
  Index n = 0, i = 0;
#ifdef __AVX512F__
  __m512i place = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (; i + 16 <= size; i += 16) {
    const __mmask16 some = test_nonzero(from + i);
    _mm512_storeu_si512(to + n, _mm512_maskz_compress_epi32(some, place));
    n += __builtin_popcount(some);
    place = _mm512_add_epi32(place, _mm512_set1_epi32(16));
  }
#endif
  for (; i < size; i++) to[n] = std::int32_t(i), n += from[i] != 0;
  return n;
}

// x / scale − mean of the examples of a block, as rows, or as lists of what is not 0 (then without the mean).
template <class R> struct Input : Layer<R> {
  const Job* job;
  Index size, stored;                   // numbers and bytes of a stored example
  const std::int32_t* order = nullptr;  // of this mini-batch, and of those after it:
  Index known = 0;                      // examples, in all
  R table[256];                         // of the values of a byte
  Sparse<R>* sparse = nullptr;
  bool needs_rows = true;

  void prepare() override {
    for (int i = 0; i < 256; i++) table[i] = R(i) / R(job->scale);
  }
  void forward(const Step<R>&, const Block& block) override {
    for (Index i = 0; i < block.count; i++) {
      const Index at = Index(order[block.first + i]) * size;
      if (const Index next = block.first + i + job->batch; next < known) prefetch(order[next]);
      with_type([&](auto x) {
        if (sparse) list(x + at, sparse[block.first + i]);
        if (needs_rows) copy(x + at, this->y.of(block) + i * this->y.stride);
      });
    }
  }
  // Call f with the address of the examples, as a pointer to their type.
  template <class F> void with_type(F f) const {
    switch (InputType(job->input_type)) {
      case InputType::i8: return f(static_cast<const std::int8_t*>(job->x));
      case InputType::u16: return f(static_cast<const std::uint16_t*>(job->x));
      case InputType::i16: return f(static_cast<const std::int16_t*>(job->x));
      case InputType::u32: return f(static_cast<const std::uint32_t*>(job->x));
      case InputType::i32: return f(static_cast<const std::int32_t*>(job->x));
      case InputType::f32: return f(static_cast<const float*>(job->x));
      case InputType::f64: return f(static_cast<const double*>(job->x));
      default: return f(static_cast<const std::uint8_t*>(job->x));  // bytes, and True or False
    }
  }
  // Order an example into the cache: the order is random, so the processor cannot foresee it.
  void prefetch(Index example) const {
    const char* from = static_cast<const char*>(job->x) + example * stored;
    for (Index byte = 0; byte < stored; byte += 64) __builtin_prefetch(from + byte);
  }
  Index place(Index i) const {
    return this->out.c == this->out.cp || this->out.pixels() == 1 ? i
                                                                  : i / this->out.c * this->out.cp + i % this->out.c;
  }
  INLINE R scaled(std::uint8_t x) const { return table[x]; }
  template <class T> INLINE R scaled(T x) const { return R(x) / R(job->scale); }
  template <class T> void copy(const T* from, R* to) const {
    const bool as_it_lies = place(size - 1) == size - 1;
    for (Index i = 0; i < size; i++) to[as_it_lies ? i : place(i)] = scaled(from[i]);
    if (job->has_mean)
      for (Index i = 0; i < size; i++) to[place(i)] -= R(job->mean);
  }
  template <class T> void list(const T* from, Sparse<R>& to) const {
    to.count = find_nonzero(from, size, to.offset);
    for (Index e = 0; e < to.count; e++) {
      const std::int32_t k = to.offset[e];
      to.value[e] = scaled(from[k]), to.offset[e] = k * line<R>;
    }
  }
};

template <class R> class Program {
  static constexpr int L = lanes<R>, W = line<R>;
  Memory memory;
  Job& job;
  RunParts run_parts;
  void* team;
  Layer<R>** layers;
  Index count = 0, slots = 1, parameters = 0, phases = 0;
  Index* phase_end;
  Parameter<R>* parameter;
  Input<R>* input;
  Rows<R> z, delta;
  Cost<R> cost;
  Index outputs;
  Step<R> step{};
  const std::int32_t* order = nullptr;
  Index phase = 0;  // at work
  bool has_norm = false;
  // while it is built: the last layer's result and error, and whether no layer needs that result again
  Shape shape = {};
  Rows<R> y, d;
  bool free_to_write = false;

  template <class T> T* make() {
    T* layer = memory.take<T>(1);
    if (layer) new (layer) T(), layers[count++] = layer;
    return layer;
  }
  Rows<R> rows(const Shape& shape) {
    Rows<R> r;
    const bool flat = shape.pixels() == 1;
    r.stride = round_up(flat ? round_up(shape.c, W) : shape.size(), W);
    r.slots = flat || has_norm ? 0 : slots;
    r.base = memory.take<R>((r.slots ? job.parts * r.slots : job.batch) * r.stride);
    return r;
  }
  Shape shape_of(Index h, Index w, Index c) const { return {h, w, c, h * w == 1 ? round_up(c, W) : round_up(c, L)}; }
  bool is_plain() const { return job.rule == Index(Rule::sgd) && !job.has_l1 && !job.has_l2 && !job.averages; }
  // Whether lists by input are small enough, and their places have 32 bits.
  bool can_list_by_input(Index outputs) const {
    return job.batch * job.size <= 4'000'000 && job.batch * round_up(outputs, W) < Index(1) << 31;
  }
  // Whether the update needs no rows: in mini-batches of fewer examples, lists of a whole gradient cost more than rows.
  bool can_update_by_lists(Index outputs) const {
    return !job.has_mean && (is_plain() || (job.batch >= 24 && can_list_by_input(outputs)));
  }
  static Index places(Index n, Index window, Index step) { return (n - window) / step + 1; }
  Parameter<R>* next_parameter() { return parameter + parameters++; }

  void give_memory(Parameter<R>* p, Index size, bool gradients) {
    const Index i = p - parameter;
    p->size = round_up(size, W);
    p->shrinks = job.shrinks[i];
    for (auto [from, to] : {Place{job.parameters[i], &p->w}, Place{job.first ? job.first[i] : nullptr, &p->state.first},
                            Place{job.second ? job.second[i] : nullptr, &p->state.second},
                            Place{job.average ? job.average[i] : nullptr, &p->state.average}})
      if (from) {
        *to = memory.take<R>(p->size);
        if (!memory.failed) p->pack(static_cast<const R*>(from), *to);
      }
    if (!gradients || !job.training) return;
    p->gradients = memory.take<R*>(job.parts);
    for (Index k = 0; k < job.parts && !memory.failed; k++) p->gradients[k] = memory.take<R>(p->size);
  }
  struct Place {
    void* from;
    R** to;
  };
  Parameter<R>* flat_parameter(Index n, bool gradients = true) {
    Parameter<R>* p = next_parameter();
    p->outputs = n, p->channels = 1;
    give_memory(p, n, gradients);
    return p;
  }

  void build();
  void set_step();
  void connect(Layer<R>* layer, const LayerJob& j, const Shape& out, bool in_place = false);
  void add_input(const LayerJob* next);
  void add_dense(const LayerJob& j);
  Index add_convolution(const LayerJob& j, const LayerJob* end);
  void add_pool(const LayerJob& j);
  void add_activation(const LayerJob& j);
  void add_normalization(const LayerJob& j);
  void add_dropout(const LayerJob& j);

 public:
  Program(Job& job, RunParts run_parts, void* team) : job(job), run_parts(run_parts), team(team) { build(); }
  bool failed() const { return memory.failed; }

  void train() {
    double missing1 = job.missing1, missing2 = job.missing2, weight = job.weight;
    const double begin = now();
    Key epoch = Key::of(job.words[0], job.words[1]);
    for (Index i = 0; i < job.path_length; i++) epoch = epoch.fold(job.path[i]);
    Index s = 0;
    for (; s < job.steps && (s == 0 || now() - begin < job.seconds); s++) {
      Optimizer<R>& o = step.optimizer;
      o.eta = static_cast<const R*>(job.eta)[s];
      missing1 = R(job.beta1) * R(missing1), missing2 = R(job.beta2) * R(missing2);
      o.correction1 = 1 / (1 - R(missing1)), o.correction2 = 1 / (1 - R(missing2));
      weight = R(job.decay) * R(weight) + R(1 - job.decay);
      o.share = R(1 - job.decay) / R(weight);
      step.key = epoch.fold(std::uint32_t(job.number + s));
      order = input->order = job.order + s * job.batch, input->known = (job.steps - s) * job.batch;
      for (phase = 0; phase < phases; phase++) {
        all_parts<&Program::forward_part>();
        if (phase + 1 < phases) layers[phase_end[phase] - 1]->join_forward(step, int(job.parts));
      }
      for (phase = phases - 2; phase >= 0; phase--) {
        layers[phase_end[phase]]->join_backward(step, int(job.parts));
        all_parts<&Program::backward_part>();
      }
      all_parts<&Program::update_part>();
      for (Index i = 0; i < count; i++) layers[i]->after_step(step);
      run_parts(team, 0, nullptr, nullptr);
    }
    job.steps_done = s, job.missing1 = missing1, job.missing2 = missing2, job.weight = weight;
    read_back();
  }

  // The weighted inputs of the examples in `order`, a mini-batch at a time.
  void evaluate() {
    const Index all = job.steps;  // here: the number of examples
    const Index batch = job.batch;
    for (Index first = 0; first < all; first += batch) {
      step.batch = all - first < batch ? all - first : batch;
      order = input->order = job.order + first, input->known = all - first;
      for (phase = 0; phase < phases; phase++) {
        all_parts<&Program::forward_part>();
        if (phase + 1 < phases) layers[phase_end[phase] - 1]->join_forward(step, int(job.parts));
      }
      for (Index i = 0; i < step.batch; i++)
        std::memcpy(static_cast<R*>(job.z) + (first + i) * outputs, z.base + i * z.stride, outputs * sizeof(R));
    }
  }

 private:
  static double now() {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
  }
  template <class F> void each_block(int part, F f) {
    const Index begin = part_begin(step.batch, part, int(job.parts)),
                end = part_begin(step.batch, part + 1, int(job.parts));
    for (Index first = begin; first < end; first += slots)
      f(Block{part, first, end - first < slots ? end - first : slots});
  }
  template <void (Program::*work)(int)> void all_parts() {
    const Work on_part = [](void* self, int part) { (static_cast<Program*>(self)->*work)(part); };
    run_parts(team, int(job.parts), on_part, this);
  }
  Index phase_begin() const { return phase ? phase_end[phase - 1] : 0; }
  void forward_part(int part) {
    if (phase == 0 && job.training)
      for (Index i = 0; i < count; i++) layers[i]->begin(part);
    else if (phase == 0)
      for (Index i = 0; i < count; i++) layers[i]->begin_evaluation(part);
    const bool last = phase + 1 == phases;
    each_block(part, [&](const Block& block) {
      for (Index i = phase_begin(); i < phase_end[phase]; i++) layers[i]->forward(step, block);
      if (!last || !job.training) return;
      for (Index i = block.first; i < block.first + block.count; i++) {
        const Index at = order[i];
        cost.delta(z.base + i * z.stride, static_cast<const R*>(job.y) + at * outputs,
                   job.weights ? static_cast<const R*>(job.weights)[at] : R(1), job.weights, R(step.batch), outputs,
                   z.stride, delta.base + i * delta.stride);
      }
      backward_block(block);
    });
  }
  void backward_block(const Block& block) {
    for (Index i = phase_end[phase] - 1; i >= phase_begin(); i--) layers[i]->backward(step, block);
  }
  void backward_part(int part) {
    each_block(part, [&](const Block& block) { backward_block(block); });
  }
  void update_part(int part) {
    for (Index i = 0; i < count; i++) layers[i]->update(step, part, int(job.parts));
  }
  void read_back() {
    bool finite = true;
    for (Index i = 0; i < parameters; i++) {
      const Parameter<R>& p = parameter[i];
      R* to = static_cast<R*>(job.parameters[i]);
      p.unpack(p.w, to);
      p.each([&](Index at, Index) { finite &= to[at] - to[at] == 0; });
      if (p.state.first) p.unpack(p.state.first, static_cast<R*>(job.first[i]));
      if (p.state.second) p.unpack(p.state.second, static_cast<R*>(job.second[i]));
      if (p.state.average) p.unpack(p.state.average, static_cast<R*>(job.average[i]));
    }
    job.finite = finite;
  }
};

}  // namespace deltarule::DELTARULE_LEVEL
