// A program: the layers of a job with their memory, and its steps: forward, BP1, backward, update.
#pragma once
#include <time.h>

#include "boltzmann.hpp"
#include "costs.hpp"
#include "dense.hpp"
#include "elementwise.hpp"
#include "input.hpp"
#include "job.hpp"
#include "normalization.hpp"
#include "pooling.hpp"
#include "recurrent.hpp"
#include "steps.hpp"

namespace deltarule::DELTARULE_LEVEL {

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
  double* squares = nullptr;  // of each part: its share of ‖gradient‖²
  R** answer = nullptr;       // of each part: δ of one step, where each has a cost of its own
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
  bool is_plain() const { return job.rule == Index(Rule::sgd) && !job.has_l1 && !job.has_l2 && !job.averages && !job.clip; }
  // Whether lists by input are small enough, and their places have 32 bits.
  bool can_list_by_input(Index rows, Index inputs, Index outputs) const {
    return rows * inputs <= 4'000'000 && rows * round_up(outputs, W) < Index(1) << 31;
  }
  // Whether the update needs no rows: in mini-batches of fewer examples, lists of a whole gradient cost more than rows.
  bool can_update_by_lists(Index outputs) const {
    return !job.has_mean && !job.clip && (is_plain() || (job.batch >= 24 && can_list_by_input(job.batch, job.size, outputs)));
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
    if (gradients) give_gradients(p);
  }
  void give_gradients(Parameter<R>* p) {
    if (!job.training) return;
    p->gradients = memory.take<R*>(job.parts);
    for (Index k = 0; k < job.parts && !memory.failed; k++) p->gradients[k] = memory.take<R>(p->size);
  }
  struct Place {
    void* from;
    R** to;
  };
  // Memory within that of another parameter, which gets its own the first time.
  void give_memory_within(Parameter<R>* p, Parameter<R>* whole, Index first) {
    const Index i = p - parameter;
    p->size = whole->size - first, whole->shrinks = p->shrinks = job.shrinks[i];
    const auto give = [&](void** from, R*& all, R*& own) {
      if (!from) return;
      if (!all) all = memory.take<R>(whole->size);
      if (!memory.failed) own = all + first, p->pack(static_cast<const R*>(from[i]), own);
    };
    give(job.parameters, whole->w, p->w), give(job.first, whole->state.first, p->state.first);
    give(job.second, whole->state.second, p->state.second), give(job.average, whole->state.average, p->state.average);
  }
  Parameter<R>* flat_parameter(Index n, bool gradients = true) {
    Parameter<R>* p = next_parameter();
    p->outputs = n, p->channels = 1;
    give_memory(p, n, gradients);
    return p;
  }

  static bool is_recurrent(const LayerJob& j) {
    return j.kind >= Index(Kind::recurrent) && j.kind <= Index(Kind::gru);
  }
  void build();
  void set_step();
  void connect(Layer<R>* layer, const LayerJob& j, const Shape& out, bool in_place = false);
  void add_input(const LayerJob* next);
  void add_dense(const LayerJob& j);
  void set_up_dense(Dense<R>* dense, Index inputs, Index outputs);
  Sparse<R>* make_lists(Index rows, Index inputs);
  void give_lists(Dense<R>* dense, Index rows);
  Index add_convolution(const LayerJob& j, const LayerJob* end);
  void add_pool(const LayerJob& j);
  void add_activation(const LayerJob& j);
  void add_normalization(const LayerJob& j);
  void add_dropout(const LayerJob& j);
  void add_recurrent(const LayerJob& j);
  void add_join(const LayerJob& j);
  void add_boltzmann(const LayerJob& j);

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
      step.order = order = input->order = job.order + s * job.batch, input->known = (job.steps - s) * job.batch;
      for (phase = 0; phase < phases; phase++) {
        all_parts<&Program::forward_part>();
        if (phase + 1 < phases) layers[phase_end[phase] - 1]->join_forward(step, int(job.parts));
      }
      for (phase = phases - 2; phase >= 0; phase--) {
        layers[phase_end[phase]]->join_backward(step, int(job.parts));
        all_parts<&Program::backward_part>();
      }
      if (step.optimizer.clips) clip();
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
      step.order = order = input->order = job.order + first, input->known = all - first;
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
      for (Index i = 0; i < count; i++) layers[i]->begin(step, part);
    else if (phase == 0)
      for (Index i = 0; i < count; i++) layers[i]->begin_evaluation(part);
    const bool last = phase + 1 == phases;
    each_block(part, [&](const Block& block) {
      for (Index i = phase_begin(); i < phase_end[phase]; i++) layers[i]->forward(step, block);
      if (!last || !job.training) return;
      for (Index i = block.first; i < block.first + block.count; i++) {
        const R *own_z = z.base + i * z.stride, *y = static_cast<const R*>(job.y) + order[i] * outputs;
        const R weight = job.weights ? static_cast<const R*>(job.weights)[order[i]] : R(1), all = R(step.batch);
        R* to = delta.base + i * delta.stride;
        if (!cost.steps) cost.delta(own_z, y, weight, job.weights, all, outputs, z.stride, to);
        else cost.delta_of_steps(own_z, y, weight, job.weights, all, outputs / cost.steps, answer[part], to);
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
  void square_part(int part) {
    squares[part] = 0;
    for (Index i = 0; i < count; i++) squares[part] += layers[i]->square(step, part, int(job.parts));
  }
  void clip() {
    all_parts<&Program::square_part>();
    double square = 0;
    for (Index p = 0; p < job.parts; p++) square += squares[p];
    const double length = std::sqrt(square);
    step.optimizer.factor = length > job.clip ? R(job.clip / length) : R(1);
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
