// From a job to a program: which layers share memory, and which are computed together.
#pragma once
#include "build_dense.hpp"
#include "program.hpp"

namespace deltarule::DELTARULE_LEVEL {

// Layer by layer. `shape`, `y` and `d` are those of the last layer's result and of its error, which the next one takes.
template <class R> void Program<R>::build() {
  Index needed = 0, work = 0, numbers = 1;  // numbers: of an example in recurrent layers, roughly
  bool has_recurrent = false;
  for (Index i = 0; i < job.layers; i++) {
    const LayerJob& j = job.layer[i];
    if (j.kind != Index(Kind::activation) && j.kind != Index(Kind::max_pool))
      work += j.h * j.w * (j.c < L ? j.c : round_up(j.c, L));
    has_norm |= j.kind == Index(Kind::batch_norm);
    needed += j.kind == Index(Kind::batch_norm) || j.kind == Index(Kind::boltzmann) ? 4 : is_recurrent(j) ? 3 : j.kind <= Index(Kind::convolution) ? 2 : 0;
    if (is_recurrent(j)) numbers += j.steps * 8 * round_up(j.outputs + j.c, W), has_recurrent = true;
  }
  const Index share = (job.batch + job.parts - 1) / job.parts;
  slots = 200'000 / Index(sizeof(R)) / (work + 1);  // its rows, their errors and winners fill most of a second cache
  slots = has_norm ? 16 : slots < 1 ? 1 : slots > 32 ? 32 : slots;
  if (has_recurrent) {  // many examples, since each step reads all weights; and blocks of equal sizes
    const Index most = 1 << 24;
    slots = numbers * 24 < most ? 24 : numbers < most ? most / numbers : 1;
    slots = (share + (share + slots - 1) / slots - 1) / ((share + slots - 1) / slots);
  }
  slots = slots < share ? slots : share;
  layers = memory.take<Layer<R>*>(2 * job.layers + 2);
  phase_end = memory.take<Index>(job.layers + 2);
  parameter = memory.take<Parameter<R>>(needed);
  if (memory.failed) return;
  for (Index i = 0; i < needed; i++) new (parameter + i) Parameter<R>();

  set_step();
  squares = memory.take<double>(job.parts);
  Index at = 0;
  while (at < job.layers && job.layer[at].kind == Index(Kind::flatten)) at++;
  add_input(at < job.layers ? &job.layer[at] : nullptr);
  for (; at < job.layers && !memory.failed; at++) {
    const LayerJob& j = job.layer[at];
    switch (Kind(j.kind)) {
      case Kind::dense: add_dense(j); break;
      case Kind::convolution: at += add_convolution(j, job.layer + job.layers); break;
      case Kind::max_pool:
      case Kind::l2_pool: add_pool(j); break;
      case Kind::activation: add_activation(j); break;
      case Kind::batch_norm: add_normalization(j); break;
      case Kind::dropout: add_dropout(j); break;
      case Kind::recurrent:
      case Kind::lstm:
      case Kind::gru: add_recurrent(j); break;
      case Kind::last_step:
      case Kind::mean_over_steps: add_join(j); break;
      case Kind::boltzmann: add_boltzmann(j); break;
      case Kind::flatten:
        if (shape.pixels() > 1) connect(make<Flatten<R>>(), j, shape_of(1, 1, shape.pixels() * shape.c));
    }
  }
  phase_end[phases++] = count;
  if (!d.base && job.training) d = rows(shape);  // no layer but the input: the error of the last has a row all the same
  z = y, delta = d, outputs = shape.c;
  if (cost.steps) answer = memory.take<R*>(job.parts);
  for (Index p = 0; answer && p < job.parts && !memory.failed; p++) answer[p] = memory.take<R>(outputs / cost.steps);
  for (Index i = 0; i < count && !memory.failed; i++) layers[i]->prepare();
}

template <class R> void Program<R>::set_step() {
  Optimizer<R>& o = step.optimizer;
  o.rule = Rule(job.rule), o.mu = R(job.mu), o.beta1 = R(job.beta1), o.beta2 = R(job.beta2);
  o.rest1 = R(1 - job.beta1), o.rest2 = R(1 - job.beta2), o.epsilon = R(job.epsilon);
  o.clips = job.clip > 0;
  o.l1 = R(job.l1), o.l2 = R(job.l2), o.has_l1 = job.has_l1, o.has_l2 = job.has_l2, o.averages = job.averages;
  step.training = job.training, step.batch = job.batch, step.lengths = job.lengths;
  cost.kind = CostKind(job.cost), cost.slope = R(job.slope), cost.offset = R(job.offset);
  cost.steps = job.answers;
  cost.output = {Activation(job.output), R(job.output_numbers[0]), R(job.output_numbers[1])};
}

// Let a layer take the last result, and give its own; in place, where it may write over what it takes.
template <class R> void Program<R>::connect(Layer<R>* layer, const LayerJob& j, const Shape& out, bool in_place) {
  if (!layer) return;
  layer->index = int(j.index), layer->in = shape, layer->out = out, layer->x = y, layer->d_x = d;
  if (!in_place) y = rows(out), d = job.training ? rows(out) : Rows<R>{};
  layer->y = y, layer->d_y = d, shape = out, free_to_write = false;
}

// The input as rows, or as lists where the first layer is dense and most inputs are 0.
template <class R> void Program<R>::add_input(const LayerJob* next) {
  input = make<Input<R>>();
  if (!input) return;
  const bool is_dense = next && next->kind == Index(Kind::dense);
  const bool flat = !next || is_dense || next->kind == Index(Kind::boltzmann);
  shape = flat ? shape_of(1, 1, job.size) : shape_of(next->h, next->w, next->c);
  if (next && (next->kind == Index(Kind::convolution) || is_recurrent(*next))) shape.cp = shape.c;
  input->job = &job, input->size = job.size, input->stored = job.size * bytes_of[job.input_type],
  input->in = input->out = shape;
  const bool lists = is_dense && job.sparse;
  input->needs_rows = !lists || (job.training && !can_update_by_lists(next->outputs));
  if (lists) input->sparse = make_lists(job.batch, job.size);
  if (input->needs_rows) y = rows(shape);
  input->y = y;
}

// With the max-pooling after it, side by side, and the activation between them. Returns how many layers it took.
template <class R> Index Program<R>::add_convolution(const LayerJob& j, const LayerJob* end) {
  auto* conv = make<Conv<R>>();
  if (!conv) return 0;
  const LayerJob* next = &j + 1;
  const LayerJob* activation = next < end && next->kind == Index(Kind::activation) ? next++ : nullptr;
  conv->has_ties = j.numbers[0] * j.numbers[1] > 1;
  const bool joins = !conv->has_ties && next < end && next->kind == Index(Kind::max_pool) &&
                     next->window_h == next->step_h && next->window_w == next->step_w &&
                     next->window_h * next->window_w > 1;
  const bool pools = joins || conv->has_ties;
  if (conv->has_ties) conv->pool = {Index(j.numbers[0]), Index(j.numbers[1]), Index(j.numbers[0]), Index(j.numbers[1])};
  if (joins) {
    conv->pool = {next->window_h, next->window_w, next->step_h, next->step_w};
    if (activation)
      conv->activation = {Activation(activation->activation), R(activation->numbers[0]), R(activation->numbers[1])};
  }
  conv->kernel = {j.window_h, j.window_w, j.step_h, j.step_w};
  conv->z = {places(shape.h, j.window_h, j.step_h), places(shape.w, j.window_w, j.step_w), j.outputs,
             round_up(j.outputs, L)};
  conv->first = count == 2 && shape.cp == shape.c;
  conv->skips_zeros = !job.has_mean;
  const bool rectifies = activation && activation->activation == Index(Activation::relu);
  conv->has_dense_errors = !pools && !rectifies;
  conv->w = next_parameter();
  Parameter<R>& w = *conv->w;
  w.outputs = j.outputs, w.rows = j.window_h, w.columns = j.window_w, w.channels = j.c;
  // the first layer takes images that are not padded: a row of its kernel is, with numbers that nothing reads
  conv->span = conv->first ? round_up(j.window_w * j.c, L) : j.window_w * shape.cp;
  w.layout = Parameter<R>::span, w.stride = shape.cp, w.width = conv->span;
  give_memory(conv->w, j.outputs * j.window_h * conv->span, true);
  conv->b = flat_parameter(j.outputs);
  conv->in = shape;
  conv->plan_memory(memory, int(job.parts), slots);
  connect(conv, j, {conv->z.h / conv->pool.h, conv->z.w / conv->pool.w, j.outputs, conv->z.cp});
  if (pools) {
    const Index all = y.slots ? job.parts * y.slots : job.batch;
    conv->winner = {memory.take<typename Conv<R>::Bit>(all * y.stride), y.stride, y.slots};
    const Index windows = conv->out.pixels() + 1;
    if (conv->first) conv->active = {memory.take<std::int32_t>(all * windows), windows, y.slots};
  }
  free_to_write = conv->activation.kind == Activation::linear;
  return joins ? next - &j : 0;
}

template <class R> void Program<R>::add_pool(const LayerJob& j) {
  auto* pool = make<Pool<R>>();
  if (!pool) return;
  pool->kind = j.kind == Index(Kind::l2_pool) ? Pool<R>::norm : Pool<R>::largest;
  pool->window = {j.window_h, j.window_w, j.step_h, j.step_w};
  connect(pool, j, {places(shape.h, j.window_h, j.step_h), places(shape.w, j.window_w, j.step_w), shape.c, shape.cp});
}

template <class R> void Program<R>::add_activation(const LayerJob& j) {
  auto* activate = make<Activate<R>>();
  if (!activate) return;
  activate->f = {Activation(j.activation), R(j.numbers[0]), R(j.numbers[1])};
  connect(activate, j, shape, free_to_write);
}

// Two layers, between which all parts meet: the second sums ∂C/∂y, the first turns it into ∂C/∂x.
template <class R> void Program<R>::add_normalization(const LayerJob& j) {
  auto* norm = memory.take<Normalization<R>>(1);
  auto* statistics = make<Statistics<R>>();
  auto* normalize = make<Normalize<R>>();
  if (!norm || !statistics || !normalize) return;
  *norm = {};
  norm->epsilon = R(j.numbers[0]), norm->momentum = R(j.numbers[1]);
  norm->c = shape.c, norm->cp = shape.cp, norm->pixels = shape.pixels();
  for (Parameter<R>** each : {&norm->scale, &norm->shift, &norm->mean, &norm->variance})
    *each = flat_parameter(shape.c, false);
  norm->plan_memory(memory, int(job.parts));
  statistics->norm = normalize->norm = norm;
  connect(statistics, j, shape, true);
  connect(normalize, j, shape);
  statistics->d_y = normalize->d_y;
  phase_end[phases++] = count - 1;
  free_to_write = true;
}

template <class R> void Program<R>::add_dropout(const LayerJob& j) {
  auto* dropout = make<Dropout<R>>();
  if (!dropout) return;
  dropout->threshold = std::uint32_t(j.threshold), dropout->kept = R(j.numbers[0]), dropout->used = R(j.numbers[1]);
  dropout->mask = rows(shape);
  connect(dropout, j, shape);
}

// w and u lie side by side in one memory, and all gates in whole panels.
template <class R> void Program<R>::add_recurrent(const LayerJob& j) {
  auto* layer = make<Recurrent<R>>();
  if (!layer) return;
  layer->cell = j.kind == Index(Kind::lstm) ? Cell::lstm : j.kind == Index(Kind::gru) ? Cell::gru : Cell::elman;
  layer->activation = {Activation(j.activation), R(j.numbers[0]), R(j.numbers[1])};
  layer->steps = j.steps, layer->truncate = j.truncate, layer->slots = has_norm ? 0 : slots;
  layer->skips_zeros = count == 2 && job.sparse && !job.has_mean;
  Weights<R>& all = layer->weights;
  const bool is_gru = layer->cell == Cell::gru;
  all.features = shape.c, all.neurons = j.outputs, all.n = round_up(j.outputs, W), all.width = all.features + all.n;
  all.groups = layer->cell == Cell::elman ? 1 : 4;
  for (int g = 0; g < 4; g++) all.takes_x[g] = !is_gru || g != 2, all.takes_h[g] = !is_gru || g != 3;
  const auto make_parameter = [&](Index columns, bool jumps) {
    Parameter<R>* p = next_parameter();
    p->outputs = (is_gru ? 3 : all.groups) * all.neurons, p->channels = columns, p->stride = all.width, p->width = W;
    p->gate = all.neurons, p->gate_step = all.n, p->gate_jump = jumps && is_gru ? all.n : 0;
    return p;
  };
  all.w = make_parameter(all.features, true), all.u = make_parameter(all.neurons, false);
  all.b = make_parameter(1, true);
  all.w->layout = all.u->layout = Parameter<R>::panels;
  new (&all.all) Parameter<R>();
  all.all.size = all.panels() * all.width * W;
  give_memory_within(all.w, &all.all, 0), give_memory_within(all.u, &all.all, all.features * W);
  give_gradients(&all.all);
  give_memory(all.b, all.groups * all.n, true);
  all.back_h = memory.take<R>(all.height(all.takes_h) * all.n);
  if (d.base) {
    all.vectors_x = shape.cp / L % 2 ? 1 : 2, all.panels_x = shape.cp / (all.vectors_x * L);
    all.back_x = memory.take<R>(all.height(all.takes_x) * shape.cp);
  }
  layer->plan_memory(memory, job.parts, job.batch);
  connect(layer, j, shape_of(1, j.steps, j.outputs));
}

template <class R> void Program<R>::add_join(const LayerJob& j) {
  auto* join = make<JoinSteps<R>>();
  if (!join) return;
  join->steps = j.steps, join->is_mean = j.kind == Index(Kind::mean_over_steps);
  connect(join, j, shape_of(1, shape.pixels() / j.steps, shape.c));
}

}  // namespace deltarule::DELTARULE_LEVEL
