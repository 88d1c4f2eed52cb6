// From a job to dense layers, and to the machine that is made of them.
#pragma once
#include "program.hpp"

namespace deltarule::DELTARULE_LEVEL {

template <class R> void Program<R>::add_dense(const LayerJob& j) {
  auto* dense = make<Dense<R>>();
  if (!dense) return;
  set_up_dense(dense, shape.c, j.outputs);
  dense->b = flat_parameter(j.outputs, false);
  if (input->sparse && count == 2) {
    dense->sparse = input->sparse, dense->dense_update = input->needs_rows;
    dense->mean = job.has_mean ? R(job.mean) : R(0);
    dense->columns = memory.take<R*>(job.parts);
    for (Index p = 0; p < job.parts && !memory.failed; p++) dense->columns[p] = memory.take<R>(dense->panels * W);
    if (job.training && !input->needs_rows && can_list_by_input(job.batch, job.size, j.outputs))
      give_lists(dense, job.batch);
  }
  connect(dense, j, shape_of(1, 1, j.outputs));
  free_to_write = true;
}

// Room for the numbers that are not 0 in each row.
template <class R> Sparse<R>* Program<R>::make_lists(Index rows, Index inputs) {
  auto* lists = memory.take<Sparse<R>>(rows);
  for (Index i = 0; i < rows && !memory.failed; i++)
    lists[i] = {memory.take<R>(inputs), memory.take<std::int32_t>(inputs + 16), 0};
  return lists;
}

// The weights of a dense layer in panels.
template <class R> void Program<R>::set_up_dense(Dense<R>* dense, Index inputs, Index outputs) {
  dense->n_in = inputs, dense->panels = (outputs + W - 1) / W;
  // backward reads some rows of all panels in turn, which must fall into different lines of a cache
  dense->height = round_up(inputs, Dense<R>::sums_at_a_time) + Dense<R>::sums_at_a_time / 2;
  dense->w = next_parameter();
  Parameter<R>& w = *dense->w;
  w.layout = Parameter<R>::panels, w.outputs = outputs, w.channels = inputs;
  w.stride = dense->height, w.width = W;
  give_memory(dense->w, dense->panels * dense->panel_step(), false);
  dense->tap = memory.take<std::int32_t>(inputs);
  for (Index k = 0; k < inputs && !memory.failed; k++) dense->tap[k] = std::int32_t(k);
}

// Memory to list so many rows by input, where the update is faster with it.
template <class R> void Program<R>::give_lists(Dense<R>* dense, Index rows) {
  if (is_plain() && (dense->panels <= 7 || rows <= 3)) return;
  const Index most = rows * dense->n_in;
  dense->by_input = memory.take<typename Dense<R>::ByInput>(job.parts);
  if (!is_plain()) dense->gradient = memory.take<R*>(job.parts);
  for (Index p = 0; p < job.parts && !memory.failed; p++) {
    dense->by_input[p] = {memory.take<R>(most), memory.take<std::int32_t>(most),
                          memory.take<std::int32_t>(dense->n_in + 1)};
    if (dense->gradient) dense->gradient[p] = memory.take<R>(7 * W);
  }
}

// The one layer of its network: the rows of the input are the first of its own, and those of the model come after them.
template <class R> void Program<R>::add_boltzmann(const LayerJob& j) {
  auto* machine = make<Boltzmann<R>>();
  if (!machine) return;
  machine->job = &job, machine->inputs = job.size, machine->labels = j.labels, machine->hidden = j.outputs;
  machine->k = j.steps, machine->examples = job.batch, machine->chains = j.chains;
  const Index n = machine->visible(), all = job.batch + machine->models();
  const Shape low = shape_of(1, 1, n), high = shape_of(1, 1, j.outputs);
  const auto rows_of = [&](const Shape& shape, Index count) {
    return Rows<R>{memory.take<R>(count * shape.cp), shape.cp, 0};
  };
  machine->v = rows_of(low, all), machine->h = rows_of(high, all), machine->error = rows_of(high, all);
  machine->state = rows_of(high, machine->models());
  machine->share = memory.take<R>(all), machine->scratch = memory.take<R>(job.parts * machine->padded_labels());
  Dense<R>&up = machine->up, &down = machine->down;
  set_up_dense(&up, n, j.outputs);
  machine->b = flat_parameter(n, false);
  up.b = flat_parameter(j.outputs, false);
  if (j.chains) {
    machine->chain = next_parameter();
    Parameter<R>& chain = *machine->chain;
    chain.layout = Parameter<R>::span, chain.outputs = j.chains, chain.channels = n, chain.width = low.cp;
    give_memory(machine->chain, j.chains * low.cp, false);
  }
  up.x = input->y = machine->v, up.y = machine->h, up.d_y = machine->error;
  if (job.sparse) {
    const bool listed = !job.clip && can_list_by_input(all, n, j.outputs);
    up.sparse = make_lists(all, n), up.dense_update = !listed;
    if (listed) give_lists(&up, all);
  }
  down.n_in = up.n_in, down.height = up.height, down.panels = up.panels, down.w = up.w;
  down.d_y = machine->state;
  down.d_x = {machine->v.base + job.batch * low.cp, low.cp, 0};
}

}  // namespace deltarule::DELTARULE_LEVEL
