// What all layers share: memory, rows of examples, parameters, and the contract forward, backward, update.
#pragma once
#include <sys/mman.h>

#include <cstdlib>
#include <new>

#include "optimizers.hpp"
#include "products.hpp"
#include "random.hpp"

namespace deltarule::DELTARULE_LEVEL {

// All memory of a program: zeros, aligned to 64 bytes, freed together. `failed` tells that there was not enough.
class Memory {
  struct Piece {
    Piece* next;
  };
  Piece* pieces = nullptr;

 public:
  bool failed = false;
  template <class T> T* take(Index count) {
    const Index line = 64, huge = 1 << 21, most = (count + line / Index(sizeof(T))) * Index(sizeof(T));
    const Index page = most < huge ? line : huge;
    const Index size = round_up(line + round_up(most, line) + line, page);  // and a line to read beyond
    void* place = failed ? nullptr : std::aligned_alloc(page, size);
    if (!place) return failed = true, nullptr;
#ifdef MADV_HUGEPAGE
    if (page == huge) madvise(place, size, MADV_HUGEPAGE);  // fewer page faults, which cost more than the zeros
#endif
    std::memset(place, 0, size);
    pieces = new (place) Piece{pieces};
    return reinterpret_cast<T*>(static_cast<char*>(place) + 64);
  }
  ~Memory() {
    while (pieces) {
      Piece* next = pieces->next;
      std::free(pieces);
      pieces = next;
    }
  }
};

// Consecutive examples of a mini-batch, worked on by one part.
struct Block {
  int part;
  Index first, count;
};

// A row of numbers for each example: of the whole mini-batch, or of the block that a part works on.
template <class R> struct Rows {
  R* base = nullptr;
  Index stride = 0, slots = 0;  // slots: rows of each part; 0 for the whole mini-batch
  R* of(const Block& block) const { return base + (slots ? block.part * slots : block.first) * stride; }
};

// The shape of one example: pixels × c channels, laid out with cp ≥ c numbers a pixel.
struct Shape {
  Index h, w, c, cp;
  Index pixels() const { return h * w; }
  Index size() const { return h * w * cp; }
};

// A parameter in the kernels' layout, with its optimizer's state and the gradients of each part.
template <class R> struct Parameter {
  enum Layout { flat, span, panels } layout = flat;  // span: [map][i][width], (j, c) within; panels: [panel][k][width]
  Index outputs = 0, rows = 1, columns = 1, channels = 0, stride = 0, width = 1;
  Index size = 0;
  bool shrinks = false;
  Index gate = 0, gate_step = 0, gate_jump = 0;  // outputs of a gate, their places, and those that the third jumps over
  R* w = nullptr;
  State<R> state = {};
  R** gradients = nullptr;  // of each part; none for dense weights

  // Call f(place in deltarule's array, place here) for each number.
  template <class F> void each(F f) const {
    Index at = 0;
    for (Index m = 0; m < outputs; m++)
      for (Index i = 0; i < rows; i++)
        for (Index j = 0; j < columns; j++) {
          const Index here = place(m, i, j), step = layout == panels ? width : 1;
          for (Index c = 0; c < channels; c++) f(at++, here + c * step);
        }
  }
  Index place(Index m, Index i, Index j) const {  // of channel 0
    if (gate) m = m / gate * gate_step + m % gate + (m / gate == 2 ? gate_jump : 0);
    if (layout == flat) return m;
    if (layout == span) return (m * rows + i) * width + j * stride;
    return (m / width * stride + (i * columns + j) * channels) * width + m % width;
  }

  void pack(const R* from, R* to) const {
    each([&](Index at, Index here) { to[here] = from[at]; });
  }
  void unpack(const R* from, R* to) const {
    each([&](Index at, Index here) { to[at] = from[here]; });
  }
  // ‖g‖² of the sum of the parts' gradients, which lie `first` after these places, with the penalty's
  double square(const Optimizer<R>& o, R* const* gradients, int parts, Index first = 0) const {
    double total = 0;
    each([&](Index, Index here) {
      R g = 0;
      for (int p = 0; p < parts; p++) g += gradients[p][first + here];
      if (shrinks && o.has_l2) g += o.l2 * w[here];
      if (shrinks && o.has_l1) g += o.l1 * R((w[here] > 0) - (w[here] < 0));
      total += double(g) * double(g);
    });
    return total;
  }
  // w ← the optimizer's step with the sum of the parts' gradients, for the numbers from begin to end
  void update(const Optimizer<R>& o, int parts, Index begin, Index end) {
    with_update<R>(o, shrinks, w, state, [&](auto update) {
      for (Index i = begin; i < end; i += lanes<R>) {
        Vector<R> g = load(gradients[0] + i);
        for (int p = 1; p < parts; p++) g = g + load(gradients[p] + i);
        update(i, g);
      }
    });
  }
};

// What a step needs besides the layers.
template <class R> struct Step {
  Optimizer<R> optimizer;
  Index batch;  // examples of this mini-batch
  Key key;      // of this step
  bool training;
  const std::int32_t *order = nullptr, *lengths = nullptr;  // of examples: those of the mini-batch, of all

  // The number of real steps of an example of the mini-batch.
  Index length(Index i, Index steps) const {
    const Index known = lengths ? lengths[order[i]] : steps;
    return known < 0 ? 0 : known < steps ? known : steps;
  }
};

template <class R> struct Layer {
  Shape in{}, out{};
  Rows<R> x, y, d_x, d_y;  // d_x.base is null where no error is wanted
  int index = 0;           // among deltarule's layers, for its random numbers
  virtual void forward(const Step<R>&, const Block&) {}
  virtual void backward(const Step<R>&, const Block&) {}
  virtual void begin(const Step<R>&, int) {}          // a part, before each step
  virtual void join_forward(const Step<R>&, int) {}   // once all parts have passed it, if the layers after it wait
  virtual void join_backward(const Step<R>&, int) {}  // likewise, if the layers before it wait
  virtual double square(const Step<R>&, int, int) { return 0; }  // part of parts: its share of ‖gradient‖²
  virtual void update(const Step<R>&, int, int) {}    // part of parts: the optimizer's step
  virtual void after_step(const Step<R>&) {}          // once, after the update
  virtual void begin_evaluation(int) {}               // a part, before each mini-batch that is only evaluated
  virtual void prepare() {}                           // once, after the parameters were put in
};

INLINE Index part_begin(Index n, int part, int parts, Index multiple = 1) {
  const Index units = (n + multiple - 1) / multiple, begin = units * part / parts * multiple;
  return begin < n ? begin : n;
}

}  // namespace deltarule::DELTARULE_LEVEL
