// Convolution: z[r, c, m] = b[m] + Σ w[m, i, j, ch] x[r·s + i, c·t + j, ch], with the max-pooling after it, if any.
//
// Backward, an error of exactly 0 costs nothing: after max-pooling these are all places that did not win their
// window, and after a rectifier those below zero.
#pragma once
#include "activations.hpp"
#include "layer.hpp"
#include "toom_cook.hpp"

namespace deltarule::DELTARULE_LEVEL {

struct Window {
  Index h, w, sh, sw;
};

template <class R> struct Conv : Layer<R> {
  static constexpr int L = lanes<R>;
  using Bits = typename Types<R>::Bits;
  using Bit = std::remove_reference_t<decltype(Bits{}[0])>;

  Window kernel, pool = {1, 1, 1, 1};                       // regions of the pool lie side by side
  Shape z;                                                  // before pooling
  ActivationOf<R> activation = {Activation::linear, 0, 0};  // between convolution and pooling
  bool first = false;  // it takes the input: no error for x, and windows of zeros are skipped
  bool skips_zeros = false;
  bool has_dense_errors = false;  // few errors are 0: ∂C/∂x is a product of matrices
  bool has_ties = false;          // each of a window's equal maxima gets its error, and the bias comes after the pool
  Parameter<R>*w, *b;
  Index taps, vectors, panels, span;    // taps: weights of a map; span: numbers of a kernel's row, (j, c)
  R* forward_weights;                   // panels of [tap][V lanes], for each product of Toom–Cook
  R* patch_weights = nullptr;           // panels of [map][V lanes], for dense errors
  std::int32_t* map_tap;                // 0, 1, 2, …
  static constexpr Index patches = 24;  // at a time
  ToomCook toom;
  Shape tiles;                // of an image that Toom–Cook transformed
  Index tile_taps, together;  // together: images whose tiles fit the cache at a time
  std::int32_t *tap, *tile_tap, *pixel, *tile,
      *phase;  // offsets in x, in a transformed image, and rows of z in windows
  SumPlan<R> plan;
  struct Scratch {
    R *z, *transformed, *products, *value, *patch, *empty;
    std::int32_t *offset, *pixel_count, *seen, *row;
  }* scratch;                 // of each part
  Rows<std::int32_t> active;  // the windows that see a number other than 0, after their count
  Rows<Bit> winner;           // of each window and map, the number of its place; with ties, a bit for each place
  bool pools() const { return pool.h * pool.w > 1; }
  Index regions() const { return pool.h * pool.w; }

  void plan_memory(Memory& memory, int parts, Index slots) {
    taps = kernel.h * kernel.w * this->in.c;
    const Index mv = z.cp / L;
    vectors = panel_vectors(mv), panels = mv / vectors;
    // equal patches give equal sums, as ties need them; Toom–Cook rounds each place of a tile differently
    if (!first && kernel.sw == 1 && !has_ties)
      if (const int n = ToomCook::choose_outputs(z.w, kernel.w)) toom = ToomCook(n, int(kernel.w));
    tap = memory.take<std::int32_t>(taps), pixel = memory.take<std::int32_t>(z.pixels());
    phase = memory.take<std::int32_t>(z.pixels());
    scratch = memory.take<Scratch>(parts);
    tiles = {this->in.h, toom.outputs ? z.w / toom.outputs : 0, this->in.c, this->in.cp};
    tile_taps = kernel.h * this->in.c;
    tile_tap = memory.take<std::int32_t>(tile_taps), tile = memory.take<std::int32_t>(z.h * tiles.w);
    forward_weights = memory.take<R>((toom.outputs ? toom.products * tile_taps : taps) * z.cp);
    plan = SumPlan<R>(span / L, kernel.h);
    if (has_dense_errors && !first) {
      patch_weights = memory.take<R>(z.c * kernel.h * span), map_tap = memory.take<std::int32_t>(z.c);
      for (Index m = 0; m < z.c && !memory.failed; m++) map_tap[m] = std::int32_t(m);
    }
    const Index products = toom.outputs ? toom.products : 0, cells = z.pixels() * z.c;
    const Index numbers = products * (tiles.size() + z.h * tiles.w * z.cp);
    together = 400'000 / Index(sizeof(R)) / (numbers + 1);
    together = together < 1 ? 1 : together < slots ? together : slots;
    for (int p = 0; p < parts && !memory.failed; p++) {
      Scratch& s = scratch[p];
      s.z = memory.take<R>(pools() ? slots * z.size() : 0);
      s.transformed = memory.take<R>(products * together * tiles.size());
      s.products = memory.take<R>(products * together * z.h * tiles.w * z.cp);
      s.value = memory.take<R>(cells), s.offset = memory.take<std::int32_t>(cells);
      s.pixel_count = memory.take<std::int32_t>(z.pixels());
      s.patch = memory.take<R>(has_dense_errors ? patches * kernel.h * span : 0);
      const Index rows = together * z.h * tiles.w;
      s.row = memory.take<std::int32_t>(rows > z.pixels() ? rows : z.pixels()), s.empty = memory.take<R>(z.cp);
      s.seen = memory.take<std::int32_t>(this->in.w * this->in.cp + 1);
    }
    if (memory.failed) return;
    const Index row = this->in.w * this->in.cp;
    for (Index i = 0, at = 0; i < kernel.h; i++)
      for (Index j = 0; j < kernel.w; j++)
        for (Index c = 0; c < this->in.c; c++) tap[at++] = std::int32_t(i * row + j * this->in.cp + c);
    for (Index r = 0; r < z.h; r++)
      for (Index c = 0; c < z.w; c++)
        pixel[r * z.w + c] = std::int32_t(r * kernel.sh * row + c * kernel.sw * this->in.cp);
    for (Index i = 0, at = 0; i < kernel.h; i++)
      for (Index c = 0; c < this->in.c; c++) tile_tap[at++] = std::int32_t(i * tiles.w * tiles.cp + c);
    for (Index r = 0; r < z.h; r++)
      for (Index c = 0; c < tiles.w; c++)
        tile[r * tiles.w + c] = std::int32_t((r * kernel.sh * tiles.w + c) * tiles.cp);
    for (Index r = 0, at = 0; r + pool.h <= z.h; r += pool.h)
      for (Index c = 0; c + pool.w <= z.w; c += pool.w)
        for (Index i = 0; i < pool.h; i++)
          for (Index j = 0; j < pool.w; j++) phase[at++] = std::int32_t((r + i) * z.w + c + j);
  }

  // The weights in the layouts of the products, for maps of the L-blocks from begin to end.
  void derive(Index begin, Index end) {
    const Index wide = vectors * L, maps = kernel.h * span, patch_wide = panel_vectors(maps / L) * L;
    for (Index m = begin * L; patch_weights && m < (end * L < z.c ? end * L : z.c); m++)
      for (Index k = 0; k < maps; k += patch_wide)
        std::memcpy(patch_weights + (k / patch_wide * z.c + m) * patch_wide, w->w + m * maps + k,
                    patch_wide * sizeof(R));
    // of an image that is not padded, a row of the kernel is as one column of so many channels
    const Index columns = first ? 1 : kernel.w, channels = first ? kernel.w * this->in.c : this->in.c;
    for (Index block = begin; block < end; block++)
      for (Index i = 0; i < kernel.h; i++)
        for (Index c = 0; c < channels; c += L) {
          Vector<R> of[ToomCook::most][L];  // of each column of the kernel: channel by channel, the weights of L maps
          const Index panel = block / vectors, lane = block % vectors * L;
          const Index some = channels - c < L ? channels - c : L;
          const auto row = [&](Index j, Vector<R>(&to)[L]) {
            for (int m = 0; m < L; m++) {
              const Index map = block * L + m;
              to[m] = map < z.c ? load(w->w + (map * kernel.h + i) * span + j * this->in.cp + c) : Vector<R>{};
            }
            transpose(to);
          };
          if (!toom.outputs) {
            for (Index j = 0; j < columns; j++) {
              row(j, of[0]);
              for (Index l = 0; l < some; l++) {
                const Index k = (i * columns + j) * channels + c + l;
                store(forward_weights + (panel * taps + k) * wide + lane, of[0][l]);
              }
            }
            continue;
          }
          for (Index j = 0; j < kernel.w; j++) row(j, of[j]);
          toom.with_constant([&](auto constant) {
            constexpr ToomCook T = decltype(constant)::value;
            for (Index l = 0; l < some; l++) {
              Vector<R> in[T.kernel], u[T.products];
    UNROLL for (int j = 0; j < T.kernel; j++) in[j] = of[j][l];
              combine<R, T.products, T.kernel, false>(T.g, in, u);
              UNROLL for (int t = 0; t < T.products; t++)
                store(forward_weights + lane +
                          ((t * panels + panel) * tile_taps + i * this->in.c + c + l) * wide, u[t]);
            }
          });
        }
  }
  void prepare() override {
    derive(0, z.cp / L);
  }

  void forward(const Step<R>&, const Block& block) override {
    Scratch& s = scratch[block.part];
    R* to = pools() ? s.z : this->y.of(block);
    const Index step = pools() ? z.size() : this->y.stride;
    if (first && pools()) return forward_first(block, s);
    if (toom.outputs) {
      for (Index i = 0; i < block.count; i += together)
        forward_tiles(this->x.of(block) + i * this->x.stride, to + i * step, step,
                      block.count - i < together ? block.count - i : together, s);
    } else {
      multiply<R>(block.count * z.pixels(), tap, taps, forward_weights, taps * vectors * L, has_ties ? nullptr : b->w,
                  int(vectors), panels,
                  [&](Index r) { return this->x.of(block) + r / z.pixels() * this->x.stride + pixel[r % z.pixels()]; },
                  [&](Index r) { return to + r / z.pixels() * step + r % z.pixels() * z.cp; });
    }
    if (!pools()) return;
    for (Index i = 0; i < block.count; i++)
      reduce(this->out.pixels(), nullptr, phase, s.z + i * z.size(), this->y.of(block) + i * this->y.stride,
             winner.of(block) + i * winner.stride);
  }

  // Only windows that see a number other than 0; in all others z = b.
  void forward_first(const Block& block, Scratch& s) {
    const Index q = regions();
    activate_all(activation, b->w, s.empty, z.cp);
    for (Index i = 0; i < block.count; i++) {
      const R* x = this->x.of(block) + i * this->x.stride;
      R* y = this->y.of(block) + i * this->y.stride;
      Bit* win = winner.of(block) + i * winner.stride;
      std::int32_t* const list = active.of(block) + i * active.stride;
      const std::int32_t* const windows = list + 1;
      const Index n = list[0] = find_active(x, s.seen, list + 1);
      for (Index window = 0, next = 0; window < this->out.pixels(); window++)
        if (next < n && windows[next] == window) {
          for (Index k = 0; k < q; k++) s.row[next * q + k] = pixel[phase[window * q + k]];
          next++;
        } else {
          std::memcpy(y + window * z.cp, s.empty, z.cp * sizeof(R));
          std::memset(win + window * z.cp, 0, z.cp * sizeof(Bit));
        }
      multiply<R>(n * q, tap, taps, forward_weights, taps * vectors * L, has_ties ? nullptr : b->w, int(vectors),
                  panels, [&](Index r) { return x + s.row[r]; }, [&](Index r) { return s.z + r * z.cp; });
      reduce(n, windows, nullptr, s.z, y, win);
    }
  }
  std::int32_t find_active(const R* x, std::int32_t* seen, std::int32_t* windows) const {
    const Index row = this->in.w * this->in.cp, high = (pool.h - 1) * kernel.sh + kernel.h;
    const Index wide = ((pool.w - 1) * kernel.sw + kernel.w) * this->in.cp;
    std::int32_t n = 0;
    for (Index r = 0, window = 0; r < this->out.h; r++) {
      const R* from = x + r * pool.h * kernel.sh * row;
      for (Index j = 0; j < row; j++) {  // seen[j]: how many of the columns before j have a number other than 0
        bool any = !skips_zeros;
        for (Index i = 0; i < high; i++) any |= from[i * row + j] != 0;
        seen[j + 1] = seen[j] + any;
      }
      for (Index c = 0; c < this->out.w; c++, window++) {
        const Index first = c * pool.w * kernel.sw * this->in.cp;
        if (seen[first + wide] != seen[first]) windows[n++] = std::int32_t(window);
      }
    }
    return n;
  }

  // a = max f(z) over each window, the first of equals, and its place; windows name them, else all in order
  void reduce(Index count, const std::int32_t* windows, const std::int32_t* rows, const R* from, R* y, Bit* win) const {
    with_activation(activation.kind, [&](auto constant) {
      constexpr Activation A = decltype(constant)::value;
      const Index q = regions();
      for (Index n = 0; n < count; n++) {
        const Index to = (windows ? windows[n] : n) * z.cp;
        for (Index m = 0; m < z.cp; m += L) {
          const auto at = [&](Index i) {
            const Index row = rows ? rows[n * q + i] : n * q + i;
            return activate<R, A>(load(from + row * z.cp + m), activation.p, activation.q);
          };
          Vector<R> best = at(0);
          Bits which = {};
          for (Index i = 1; i < q; i++) {
            const Vector<R> a = at(i);
            const auto more = (a > best) | ((a != a) & (best == best));
            which = more ? which - which + Bit(i) : which;
            best = more ? a : best;
          }
          if (has_ties) {
            which = which - which;
            for (Index i = 0; i < q; i++) {
              const Vector<R> a = at(i);
              which = ((a == best) | (a != a)) ? which | (Bit(1) << i) : which;
            }
            best = best + load(b->w + m);
          }
          store(y + to + m, best);
          std::memcpy(win + to + m, &which, sizeof which);
        }
      }
    });
  }

  // For some images: Bᵀ x of each tile, one product for each t, then Aᵀ of the products.
  void forward_tiles(const R* x, R* to, Index step, Index count, Scratch& s) {
    toom.with_constant([&](auto constant) {
      constexpr ToomCook T = decltype(constant)::value;
      const Index image = tiles.size(), all = count * image, rows = z.h * tiles.w, out_image = rows * z.cp;
      for (Index i = 0; i < count; i++)
        for (Index r = 0; r < tiles.h; r++)
          for (Index c = 0; c < tiles.w; c++) {
            const R* from = x + i * this->x.stride + (r * this->in.w + c * T.outputs) * this->in.cp;
            R* put = s.transformed + i * image + (r * tiles.w + c) * tiles.cp;
            for (Index m = 0; m < tiles.cp; m += L) {
              Vector<R> in[T.products], v[T.products];
              UNROLL for (int j = 0; j < T.products; j++) in[j] = load(from + j * this->in.cp + m);
              combine<R, T.products, T.products, false>(T.b, in, v);
              UNROLL for (int t = 0; t < T.products; t++) store(put + t * all + m, v[t]);
            }
          }
      for (Index i = 0; i < count; i++)
        for (Index r = 0; r < rows; r++) s.row[i * rows + r] = std::int32_t(i * image + tile[r]);
      for (int t = 0; t < T.products; t++) {
        const R* from = s.transformed + t * all;
        R* put = s.products + t * count * out_image;
        multiply<R>(count * rows, tile_tap, tile_taps, forward_weights + t * tile_taps * z.cp,
                    tile_taps * vectors * L, nullptr, int(vectors), panels,
                    [&](Index r) { return from + s.row[r]; },
                    [&](Index r) { return put + r * z.cp; });
      }
      for (Index i = 0; i < count; i++)
        for (Index r = 0; r < rows; r++)
          for (Index m = 0; m < z.cp; m += L) {
            Vector<R> product[T.products], sum[T.outputs];
            UNROLL for (int t = 0; t < T.products; t++)
              product[t] = load(s.products + ((t * count + i) * rows + r) * z.cp + m);
            combine<R, T.outputs, T.products, true>(T.a, product, sum);
            const Vector<R> bias = load(b->w + m);
            UNROLL for (int o = 0; o < T.outputs; o++)
              store(to + i * step + (r * T.outputs + o) * z.cp + m, sum[o] + bias);
          }
    });
  }

  void begin(const Step<R>&, int part) override {
    std::memset(w->gradients[part], 0, w->size * sizeof(R));
    std::memset(b->gradients[part], 0, b->size * sizeof(R));
  }

  void backward(const Step<R>&, const Block& block) override {
    Scratch& s = scratch[block.part];
    for (Index i = 0; i < block.count; i++) {
      R* d = this->d_y.of(block) + i * this->d_y.stride;
      const R *y = this->y.of(block) + i * this->y.stride, *x = this->x.of(block) + i * this->x.stride;
      if (pools()) multiply_by_derivative(activation, y, d, d, this->out.size());
      R* bias = b->gradients[block.part];
      for (Index p = 0; p < this->out.pixels(); p++)
        for (Index m = 0; m < z.cp; m += L) store(bias + m, load(bias + m) + load(d + p * z.cp + m));
      const Bit* win = pools() ? winner.of(block) + i * winner.stride : nullptr;
      R* d_x = this->d_x.base ? this->d_x.of(block) + i * this->d_x.stride : nullptr;
      if (has_dense_errors) backward_dense(s, block.part, x, d, d_x);
      else {
        const std::int32_t* const list = first && pools() ? active.of(block) + i * active.stride : nullptr;
        if (has_ties) backward_sparse<true>(s, block.part, x, d, win, d_x, list);
        else backward_sparse<false>(s, block.part, x, d, win, d_x, list);
      }
    }
  }

  // ∂C/∂w and ∂C/∂x as products of matrices.
  void backward_dense(Scratch& s, int part, const R* x, const R* d, R* d_x) {
    const Index row = this->in.w * this->in.cp;
    const AddProducts<R> add = add_products_of<R>(span / L);
    for (Index i = 0; i < kernel.h; i++)
      add(w->gradients[part] + i * span, kernel.h * span, span / L, z.c, x + i * row, pixel, d, z.cp, z.pixels());
    if (!d_x) return;
    std::memset(d_x, 0, this->in.size() * sizeof(R));
    add_patches(s, d, d_x);
  }

  // ∂C/∂w and ∂C/∂x as sums of rows over the errors that are not 0: listed by map, and by place.
  template <bool ties>
  void backward_sparse(Scratch& s, int part, const R* x, const R* d, const Bit* win, R* d_x, const std::int32_t* list) {
    const Index n = z.pixels(), q = regions(), row = this->in.w * this->in.cp;
    Vector<R> beyond[4] = {};  // NaN where x is not finite: 0 · ∞ is no number, also where an error of 0 is skipped
    for (Index k = 0; k < this->in.size(); k += L) beyond[k / L % 4] = beyond[k / L % 4] + (load(x + k) - load(x + k));
    for (int l = 0; l < 4 * L; l++) b->gradients[part][0] += beyond[l / L][l % L];
    // every error is written, and the next writes over an error of 0: which ones are 0 is hard to predict
    R* const value = s.value;
    std::int32_t *const offset = s.offset, *const pixel_count = s.pixel_count;
    const Index maps = z.c, step = z.cp, size = kernel.h * span, windows = list ? list[0] : this->out.pixels();
    // call f for each place of the convolution to which the error of a window goes
    const auto each_winner = [&](Index p, Index m, auto f) {
      if constexpr (ties)
        for (Bit bits = win[p * step + m]; bits; bits &= bits - 1) f(phase[p * q + __builtin_ctzll(bits)]);
      else f(win ? phase[p * q + Index(win[p * step + m])] : p);
    };
    for (Index m = 0; m < maps; m++) {
      Index count = 0;
      for (Index k = 0; k < windows; k++) {
        const Index p = list ? list[1 + k] : k;
        each_winner(p, m, [&](Index at) {
          value[count] = d[p * step + m], offset[count] = pixel[at], count += d[p * step + m] != 0;
        });
      }
      plan(w->gradients[part] + m * size, span, x, row, value, offset, count);
    }
    if (!d_x) return;
    std::memset(pixel_count, 0, n * sizeof(std::int32_t));
    for (Index p = 0; p < this->out.pixels(); p++)
      for (Index m = 0; m < maps; m++)
        each_winner(p, m, [&](Index at) {
          const Index j = at * maps + pixel_count[at];
          value[j] = d[p * step + m], offset[j] = std::int32_t(m * size), pixel_count[at] += d[p * step + m] != 0;
        });
    if (!d_x) return;
    std::memset(d_x, 0, this->in.size() * sizeof(R));
    for (Index p = 0; p < n; p++)
      plan(d_x + pixel[p], row, w->w, span, value + p * maps, offset + p * maps, pixel_count[p]);
  }

  // The errors of whole patches, wᵀ δ, added up where the patches overlap.
  void add_patches(Scratch& s, const R* d, R* d_x) {
    const Index n = z.pixels(), row = this->in.w * this->in.cp, maps = kernel.h * span;
    const int wide = panel_vectors(maps / L);
    for (Index first_pixel = 0; first_pixel < n; first_pixel += patches) {
      const Index some = n - first_pixel < patches ? n - first_pixel : patches;
      multiply<R>(some, map_tap, z.c, patch_weights, z.c * wide * L, nullptr, wide, maps / (wide * L),
                  [&](Index r) { return d + (first_pixel + r) * z.cp; }, [&](Index r) { return s.patch + r * maps; });
      for (Index r = 0; r < some; r++)
        for (Index i = 0; i < kernel.h; i++) {
          R* to = d_x + pixel[first_pixel + r] + i * row;
          const R* from = s.patch + r * maps + i * span;
          for (Index k = 0; k < span; k += L) store(to + k, load(to + k) + load(from + k));
        }
    }
  }

  double square(const Step<R>& step, int part, int parts) override {
    if (part) return 0;
    return w->square(step.optimizer, w->gradients, parts) + b->square(step.optimizer, b->gradients, parts);
  }

  void update(const Step<R>& step, int part, int parts) override {
    const Index blocks = z.cp / L, begin = part_begin(blocks, part, parts), end = part_begin(blocks, part + 1, parts);
    const Index maps = kernel.h * span, last = end * L < z.c ? end * L : z.c;
    if (begin * L < last) w->update(step.optimizer, parts, begin * L * maps, last * maps);
    derive(begin, end);
    if (part == parts - 1) b->update(step.optimizer, parts, 0, b->size);
  }
};

}  // namespace
