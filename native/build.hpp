// From a job to a program: which layers share memory, and which are computed together.
#pragma once
#include "program.hpp"

namespace deltarule::DELTARULE_LEVEL {

// Convolution, an activation that keeps order or none, and max-pooling side by side become one layer. An activation
// writes over its input where nothing else needs it. Batch normalization divides the step: all parts meet there.
template <class R> void Program<R>::build() {
  const LayerJob* job_of = job.layer;
  Index kinds[16] = {}, needed = 0, work = 0;
  for (Index i = 0; i < job.layers; i++) {
    kinds[job_of[i].kind]++;
    const bool is_followed = job_of[i].kind != Index(Kind::activation) && job_of[i].kind != Index(Kind::max_pool);
    if (is_followed) work += job_of[i].h * job_of[i].w * (job_of[i].c < L ? job_of[i].c : round_up(job_of[i].c, L));
    needed += job_of[i].kind == Index(Kind::batch_norm) ? 4 : job_of[i].kind <= Index(Kind::convolution) ? 2 : 0;
  }
  has_norm = kinds[Index(Kind::batch_norm)] > 0;
  slots = 200'000 / Index(sizeof(R)) / (work + 1);  // its rows, their errors and winners fill most of a second cache
  slots = has_norm ? 16 : slots < 1 ? 1 : slots > 32 ? 32 : slots;
  const Index share = (job.batch + job.parts - 1) / job.parts;
  slots = slots < share ? slots : share;
  layers = memory.take<Layer<R>*>(2 * job.layers + 2);
  phase_end = memory.take<Index>(job.layers + 2);
  parameter = memory.take<Parameter<R>>(needed);
  if (memory.failed) return;
  for (Index i = 0; i < needed; i++) new (parameter + i) Parameter<R>();

  Optimizer<R>& o = step.optimizer;
  o.rule = Rule(job.rule), o.mu = R(job.mu), o.beta1 = R(job.beta1), o.beta2 = R(job.beta2);
  o.rest1 = R(1 - job.beta1), o.rest2 = R(1 - job.beta2), o.epsilon = R(job.epsilon);
  o.l1 = R(job.l1), o.l2 = R(job.l2), o.has_l1 = job.has_l1, o.has_l2 = job.has_l2, o.averages = job.averages;
  step.training = job.training, step.batch = job.batch;
  cost = {CostKind(job.cost),
          {Activation(job.output), R(job.output_numbers[0]), R(job.output_numbers[1])},
          R(job.slope),
          R(job.offset)};

  Index at = 0;
  while (at < job.layers && job_of[at].kind == Index(Kind::flatten)) at++;
  input = make<Input<R>>();
  if (!input) return;
  input->job = &job, input->size = job.size;
  const LayerJob& j0 = job_of[at];
  const bool to_dense = j0.kind == Index(Kind::dense), to_convolution = j0.kind == Index(Kind::convolution);
  Shape shape = to_dense ? shape_of(1, 1, job.size) : shape_of(j0.h, j0.w, j0.c);
  if (to_convolution) shape.cp = shape.c;
  input->in = input->out = shape;
  // the input itself can be missing as rows: dense weights on bytes that are mostly 0
  const bool lists = to_dense && job.sparse && job.input_type == Index(InputType::u8);
  const bool plain = o.rule == Rule::sgd && !job.has_l1 && !job.has_l2 && !job.averages && !job.has_mean;
  input->needs_rows = !lists || (job.training && !plain);
  if (lists) {
    input->sparse = memory.take<Sparse<R>>(job.batch);
    for (Index i = 0; i < job.batch && !memory.failed; i++)
      input->sparse[i] = {memory.take<R>(job.size), memory.take<std::int32_t>(job.size), 0};
  }
  Rows<R> y = input->needs_rows ? rows(shape) : Rows<R>{}, d = {};  // d: ∂C/∂y, none for the input
  input->y = y;
  bool free_to_write = false;  // no layer before needs y again

  for (; at < job.layers && !memory.failed; at++) {
    const LayerJob& j = job_of[at];
    Layer<R>* layer = nullptr;
    Shape next = shape;
    const auto connect = [&](Layer<R>* made, const Shape& out, bool in_place = false) {
      if (!made) return;
      made->index = int(j.index), made->in = shape, made->out = out, made->x = y, made->d_x = d;
      if (!in_place) y = rows(out), d = job.training ? rows(out) : Rows<R>{};
      made->y = y, made->d_y = d, shape = out, layer = made;
    };
    switch (Kind(j.kind)) {
      case Kind::dense: {
        auto* dense = make<Dense<R>>();
        if (!dense) return;
        dense->n_in = shape.c, dense->height = round_up(shape.c, L), dense->panels = (j.outputs + W - 1) / W;
        dense->w = next_parameter();
        *dense->w = {};
        Parameter<R>& w = *dense->w;
        w.layout = Parameter<R>::panels, w.outputs = j.outputs, w.channels = shape.c, w.stride = dense->height,
        w.width = W;
        give_memory(dense->w, dense->panels * dense->panel_step(), false);
        dense->b = flat_parameter(j.outputs, false);
        dense->tap = memory.take<std::int32_t>(shape.c);
        for (Index k = 0; k < shape.c && !memory.failed; k++) dense->tap[k] = std::int32_t(k);
        if (lists && count == 2) {
          dense->sparse = input->sparse, dense->dense_update = !plain;
          dense->mean = job.has_mean ? R(job.mean) : R(0);
          dense->columns = memory.take<R*>(job.parts);
          for (Index p = 0; p < job.parts && !memory.failed; p++) dense->columns[p] = memory.take<R>(dense->panels * W);
        }
        connect(dense, shape_of(1, 1, j.outputs));
        free_to_write = true;
        break;
      }
      case Kind::convolution: {
        auto* conv = make<Conv<R>>();
        if (!conv) return;
        conv->kernel = {j.window_h, j.window_w, j.step_h, j.step_w};
        conv->z = {(shape.h - j.window_h) / j.step_h + 1, (shape.w - j.window_w) / j.step_w + 1, j.outputs,
                   round_up(j.outputs, L)};
        conv->first = !d.base && shape.cp == shape.c && count == 2;
        conv->skips_zeros = !job.has_mean;
        Index used = 0;
        ActivationOf<R> f = {Activation::linear, 0, 0};
        const LayerJob *a = at + 1 < job.layers ? job_of + at + 1 : nullptr, *p = a;
        if (a && a->kind == Index(Kind::activation)) p = at + 2 < job.layers ? job_of + at + 2 : nullptr, used = 1;
        if (p && p->kind == Index(Kind::max_pool) && p->window_h == p->step_h && p->window_w == p->step_w &&
            p->window_h * p->window_w > 1) {
          if (used) f = {Activation(a->activation), R(a->numbers[0]), R(a->numbers[1])};
          conv->pool = {p->window_h, p->window_w, p->step_h, p->step_w}, conv->activation = f;
          at += used + 1;
        }
        const bool rectifies = a && a->kind == Index(Kind::activation) && a->activation == Index(Activation::relu);
        conv->has_dense_errors = !conv->first && !conv->pools() && !rectifies;
        conv->w = next_parameter();
        Parameter<R>& w = *conv->w;
        w.outputs = j.outputs, w.rows = j.window_h, w.columns = j.window_w, w.channels = j.c;
        const int vectors = panel_vectors(conv->z.cp / L);
        if (conv->first) {
          w.layout = Parameter<R>::panels, w.stride = j.window_h * j.window_w * j.c, w.width = vectors * L;
          give_memory(conv->w, w.stride * conv->z.cp, true);
        } else {
          w.layout = Parameter<R>::span, w.stride = shape.cp;
          give_memory(conv->w, j.outputs * j.window_h * j.window_w * shape.cp, true);
        }
        conv->b = flat_parameter(j.outputs);
        conv->in = shape;
        conv->plan_memory(memory, int(job.parts), slots);
        Shape out = {conv->z.h / conv->pool.h, conv->z.w / conv->pool.w, j.outputs, conv->z.cp};
        connect(conv, out);
        if (conv->pools()) {
          const Rows<R> like = y;
          conv->winner = {nullptr, like.stride, like.slots};
          if (conv->first) {
            conv->active = {nullptr, conv->out.pixels() + 1, like.slots};
            conv->active.base =
                memory.take<std::int32_t>((like.slots ? job.parts * like.slots : job.batch) * conv->active.stride);
          }
          conv->winner.base =
              memory.take<typename Conv<R>::Bit>((like.slots ? job.parts * like.slots : job.batch) * like.stride);
        }
        free_to_write = conv->activation.kind == Activation::linear;
        break;
      }
      case Kind::max_pool:
      case Kind::max_pool_all:
      case Kind::l2_pool: {
        auto* pool = make<Pool<R>>();
        if (!pool) return;
        pool->kind = j.kind == Index(Kind::l2_pool)    ? Pool<R>::norm
                     : j.kind == Index(Kind::max_pool) ? Pool<R>::largest
                                                       : Pool<R>::largest_all;
        pool->window = {j.window_h, j.window_w, j.step_h, j.step_w};
        connect(pool,
                shape_of_image((shape.h - j.window_h) / j.step_h + 1, (shape.w - j.window_w) / j.step_w + 1, shape));
        free_to_write = false;
        break;
      }
      case Kind::activation: {
        auto* activate = make<Activate<R>>();
        if (!activate) return;
        activate->f = {Activation(j.activation), R(j.numbers[0]), R(j.numbers[1])};
        connect(activate, shape, free_to_write);
        free_to_write = false;
        break;
      }
      case Kind::batch_norm: {
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
        const Rows<R> d_of_x = d;
        connect(statistics, shape, true);
        statistics->d_x = d_of_x;
        connect(normalize, shape);
        // ∂C/∂y passes both: the second sums it, the first turns it into ∂C/∂x
        statistics->d_y = normalize->d_y;
        phase_end[phases++] = count - 1;
        free_to_write = true;
        break;
      }
      case Kind::dropout: {
        auto* dropout = make<Dropout<R>>();
        if (!dropout) return;
        dropout->threshold = std::uint32_t(j.threshold), dropout->kept = R(j.numbers[0]),
        dropout->used = R(j.numbers[1]);
        dropout->mask = rows(shape);
        connect(dropout, shape);
        free_to_write = false;
        break;
      }
      case Kind::flatten: {
        if (shape.pixels() == 1) break;
        auto* flatten = make<Flatten<R>>();
        connect(flatten, shape_of(1, 1, shape.pixels() * shape.c));
        free_to_write = false;
        break;
      }
    }
    (void)layer, (void)next;
  }
  phase_end[phases++] = count;
  z = y, delta = d, outputs = shape.c;
  for (Index i = 0; i < count && !memory.failed; i++) layers[i]->prepare();
}

}  // namespace deltarule::DELTARULE_LEVEL
