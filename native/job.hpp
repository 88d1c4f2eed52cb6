// What Python asks for: a stretch of mini-batches, or the weighted inputs of examples. Python checks every size first.
#pragma once
#include <cstdint>

namespace deltarule {

enum class Kind : std::int64_t {
  dense,
  convolution,
  max_pool,
  l2_pool,
  activation,
  batch_norm,
  dropout,
  flatten,
  recurrent,
  lstm,
  gru,
  last_step,
  mean_over_steps,
  boltzmann
};

// One layer, with what its kind needs.
struct LayerJob {
  std::int64_t kind, index;
  std::int64_t h, w, c;  // of its input; a flat row is 1 × 1 × n
  std::int64_t outputs;  // neurons or maps
  std::int64_t window_h, window_w, step_h, step_w;
  std::int64_t activation, threshold;
  std::int64_t steps, truncate;  // of layers of sequences; truncate: 0 for none; boltzmann: steps of Gibbs sampling
  std::int64_t labels, chains;   // of boltzmann
  // activation and recurrent: p, q; batch_norm: ε, momentum; dropout: its factors in training and in use;
  // convolution: 0, or the height and width, side by side, of the max-pooling of which all ties win, and after which
  // the bias comes
  double numbers[4];
};

enum class InputType : std::int64_t { u8, i8, u16, i16, u32, i32, f32, f64, boolean };
constexpr int bytes_of[] = {1, 1, 2, 2, 4, 4, 4, 8, 1};  // a number of each type

struct Job {
  std::int64_t is_double, training, parts;
  std::int64_t layers;
  const LayerJob* layer;
  // w, b of dense and convolution; w, u, b of recurrent layers; scale, shift, mean, variance of batch_norm
  void** parameters;
  void **first, **second, **average;  // the optimizer's state, beside the parameters; null where there is none
  const std::int64_t* shrinks;        // of each parameter: 1 if the penalty is for it
  std::int64_t rule, has_l1, has_l2, averages;
  double mu, beta1, beta2, epsilon, l1, l2, decay, clip;  // clip: the most of the gradient's length; 0 for no limit
  double missing1, missing2, weight;  // in and out: β₁ᵗ, β₂ᵗ, and the sum of weights in the average
  std::int64_t cost, output, answers;  // output: the activation of the quadratic cost; answers: as Cost::steps
  double output_numbers[2], slope, offset;
  const void* x;  // (examples, size), of input_type
  std::int64_t input_type, size, sparse, has_mean;
  double scale, mean;
  const void* y;                      // (examples, outputs)
  const void* weights;                // (examples,) or null
  const std::int32_t* lengths;        // (examples,) of sequences, or null: all steps are real
  const std::int32_t* order;          // (steps, batch) positions of examples
  const void* eta;                    // (steps,)
  std::int64_t batch, steps, number;  // number: of the first step within the epoch
  std::uint32_t words[2];
  std::int64_t path_length;
  const std::uint32_t* path;
  void* z;                          // (examples, outputs): the weighted inputs, where nothing is trained
  double seconds;                   // the time after which to return, with the steps done so far
  std::int64_t steps_done, finite;  // out
};

using Work = void (*)(void* context, int part);
// Runs work(context, part) for all parts and returns when all are done; without parts: a step is done.
using RunParts = void (*)(void* team, int parts, Work work, void* context);

enum Outcome : std::int32_t { done = 0, no_memory = 1, not_built = 2 };

}  // namespace deltarule
