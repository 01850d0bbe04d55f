// The neuron over time and its adjoint, in one pass over memory: called by window.py and step.py beside this file.
//
// Every number is computed by the same operations in the same order as by hpbench/spiking/neuron.py, whose torch
// kernels for AVX2 and AVX-512 use fused multiply-adds: add(x, y, alpha=a) is fma(y, a, x), and
// addcmul(x, y, z, value=v) is fma(v * y, z, x). To be compiled with -ffp-contract=off, so that no other is made.
//
// Long rows are taken in pieces, so that what passes from one loop to the next stays in the first-level cache.

#include <algorithm>
#include <cstdint>
#include <vector>

namespace {

constexpr int64_t PIECE = 1024;

enum Reset : int64_t { SUBTRACT, ZERO };
enum Surrogate : int64_t { RECTANGULAR, SUPERSPIKE, SUPERSPIKE_CORRECTED, TRIANGULAR, ARCTAN };

inline float fma_(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
inline double fma_(double x, double y, double z) { return __builtin_fma(x, y, z); }
inline float size(float x) { return __builtin_fabsf(x); }
inline double size(double x) { return __builtin_fabs(x); }

// The constants of HybridParameters that the neuron needs.
struct Constants {
    double threshold, decay, gain;
    Reset reset;
    Surrogate surrogate;
};

// The same in the precision of the tensors.
template <typename R>
struct Neuron {
    R threshold, decay, gain, shift, low, high, scale;
    Reset reset;
    Surrogate surrogate;

    explicit Neuron(const Constants& c)
        : threshold(R(c.threshold)), decay(R(c.decay)), gain(R(c.gain)), shift(R(-c.decay * c.threshold)),
          low(R(c.threshold - 0.5)), high(R(c.threshold + 0.5)), scale(R(1 / c.threshold)), reset(c.reset),
          surrogate(c.surrogate) {}
};

// Raised membranes and, where wanted, spikes, from currents and the raised membranes of the step before.
template <typename R>
inline void advance(const Neuron<R>& p, const R* current, const R* before, R* raised, R* spikes, int64_t count) {
    const R threshold = p.threshold, minus = -p.threshold, decay = p.decay, gain = p.gain;
    if (p.reset == SUBTRACT) {
#pragma omp simd
        for (int64_t i = 0; i < count; ++i) {
            const R fired = before[i] > threshold ? R(1) : R(0);
            raised[i] = fma_(fma_(fired, minus, before[i]), decay, current[i] * gain);
        }
    } else {
#pragma omp simd
        for (int64_t i = 0; i < count; ++i) {
            const R fired = before[i] > threshold ? R(1) : R(0);
            raised[i] = fma_(fma_(-before[i], fired, before[i]), decay, current[i] * gain);
        }
    }
    if (spikes) {
#pragma omp simd
        for (int64_t i = 0; i < count; ++i) spikes[i] = raised[i] > threshold ? R(1) : R(0);
    }
}

// Gradients of raised membranes from those of the spikes, in place.
template <typename R>
inline void pull(const Neuron<R>& p, const R* raised, R* gradient, int64_t count) {
    const R threshold = p.threshold, low = p.low, high = p.high;
    switch (p.surrogate) {
    case RECTANGULAR:
#pragma omp simd
        for (int64_t i = 0; i < count; ++i)
            gradient[i] = (raised[i] <= low) | (raised[i] >= high) ? R(0) : gradient[i];
        break;
    case SUPERSPIKE:
#pragma omp simd
        for (int64_t i = 0; i < count; ++i) {
            const R wide = size(raised[i] - threshold) + R(1);
            gradient[i] *= R(1) / (wide * wide);
        }
        break;
    case SUPERSPIKE_CORRECTED:
#pragma omp simd
        for (int64_t i = 0; i < count; ++i) {
            const R wide = R(100) * size(raised[i] - threshold) + R(1);
            gradient[i] *= R(1) / (wide * wide);
        }
        break;
    case TRIANGULAR:
#pragma omp simd
        for (int64_t i = 0; i < count; ++i) {
            const R height = R(1) - size(raised[i] - threshold);
            gradient[i] *= height <= R(0) ? R(0) : height;
        }
        break;
    case ARCTAN:
#pragma omp simd
        for (int64_t i = 0; i < count; ++i) {
            const R wide = R(3.14159265358979323846) * (raised[i] - threshold);
            gradient[i] *= R(1) / (wide * wide + R(1));
        }
        break;
    }
}

// The reset's part of the spikes' gradients, in place, from those of the next step's membranes.
template <typename R>
inline void reset_to_spikes(const Neuron<R>& p, const R* raised, const R* later, R* gradient, int64_t count) {
    const R minus = -p.decay, shift = p.shift;
    if (p.reset == SUBTRACT) {
#pragma omp simd
        for (int64_t i = 0; i < count; ++i) gradient[i] = fma_(later[i], shift, gradient[i]);
    } else {
#pragma omp simd
        for (int64_t i = 0; i < count; ++i) gradient[i] = fma_(minus * later[i], raised[i], gradient[i]);
    }
}

// The same for the membranes' gradients.
template <typename R>
inline void reset_to_membrane(const Neuron<R>& p, const R* raised, const R* later, R* gradient, int64_t count) {
    const R threshold = p.threshold, decay = p.decay, minus = -p.decay;
    if (p.reset == SUBTRACT) {
#pragma omp simd
        for (int64_t i = 0; i < count; ++i) gradient[i] = fma_(later[i], decay, gradient[i]);
    } else {
#pragma omp simd
        for (int64_t i = 0; i < count; ++i) {
            const R fired = raised[i] > threshold ? R(1) : R(0);
            gradient[i] = fma_(minus * later[i], fired, fma_(later[i], decay, gradient[i]));
        }
    }
}

// Length of pieces of which all steps are held.
inline int64_t piece_of(int64_t steps) {
    return std::max<int64_t>(16, std::min(PIECE, 4 * PIECE / std::max<int64_t>(steps, 1) / 16 * 16));
}

template <typename R>
void window_forward(const Neuron<R>& p, const R* currents, int64_t held, int64_t steps, int64_t total, R* spikes) {
    const R nothing[PIECE] = {};
    R membrane[PIECE];
    for (int64_t start = 0; start < total; start += PIECE) {
        const int64_t count = std::min(total - start, PIECE);
        for (int64_t step = 0; step < steps; ++step) {
            const int64_t place = step * total + start;
            advance(p, currents + (held ? start : place), step ? membrane : nothing, membrane, spikes + place, count);
        }
    }
}

// Membranes are computed anew, piece by piece: quicker than to read them. `stride` is the distance of two steps in
// `gradients`, 0 if all steps have the same.
template <typename R>
void window_backward(const Neuron<R>& p, const R* currents, int64_t held, int64_t steps, int64_t total,
                     const R* gradients, int64_t stride, R* pulled) {
    const int64_t piece = piece_of(steps);
    std::vector<R> raised(steps * piece);
    const R nothing[PIECE] = {};
    R rooms[2][PIECE], sum[PIECE];
    const R gain = p.gain;
    for (int64_t start = 0; start < total; start += piece) {
        const int64_t count = std::min(total - start, piece);
        for (int64_t step = 0; step < steps; ++step) {
            R* now = raised.data() + step * piece;
            advance<R>(p, currents + (held ? 0 : step * total) + start, step ? now - piece : nothing, now, nullptr, count);
        }
        std::fill(sum, sum + count, R(0));
        for (int64_t step = steps - 1; step >= 0; --step) {
            const R *membrane = raised.data() + step * piece, *later = rooms[(step + 1) % 2];
            R* now = rooms[step % 2];
            const R* given = gradients + step * stride + start;
            std::copy(given, given + count, now);
            if (step < steps - 1) reset_to_spikes(p, membrane, later, now, count);
            pull(p, membrane, now, count);
            if (step < steps - 1) reset_to_membrane(p, membrane, later, now, count);
            R* out = pulled + step * total + start;
            if (held) {
#pragma omp simd
                for (int64_t i = 0; i < count; ++i) sum[i] = fma_(now[i], gain, sum[i]);
            } else {
#pragma omp simd
                for (int64_t i = 0; i < count; ++i) out[i] = now[i] * gain;
            }
        }
        if (held) std::copy(sum, sum + count, pulled + start);
    }
}

// A layer of (rows, width) neurons over a window, without a local path: the current at each step is
// bias + scales[step] * ahead, where `stride` is the distance of two steps in `ahead`, 0 if it is constant.
template <typename R>
struct Layer {
    int64_t rows, width, steps;
    const R *bias, *ahead;
    int64_t stride;
    const double* scales;

    void current(int64_t row, int64_t start, int64_t step, int64_t count, R* into) const {
        const R *fed = ahead + step * stride + row * width + start, *shift = bias + start, scale = R(scales[step]);
#pragma omp simd
        for (int64_t i = 0; i < count; ++i) into[i] = fma_(fed[i], scale, shift[i]);
    }
};

// `membranes` are those of all steps if `keep`, else of the last one.
template <typename R>
void layer_forward(const Neuron<R>& p, const Layer<R>& layer, int64_t keep, R* membranes, R* spikes) {
    const R nothing[PIECE] = {};
    R current[PIECE], membrane[PIECE];
    const int64_t total = layer.rows * layer.width;
    for (int64_t row = 0; row < layer.rows; ++row)
        for (int64_t start = 0; start < layer.width; start += PIECE) {
            const int64_t count = std::min(layer.width - start, PIECE), place = row * layer.width + start;
            for (int64_t step = 0; step < layer.steps; ++step) {
                layer.current(row, start, step, count, current);
                advance(p, current, step ? membrane : nothing, membrane, spikes + step * total + place, count);
                if (keep) std::copy(membrane, membrane + count, membranes + step * total + place);
            }
            if (!keep) std::copy(membrane, membrane + count, membranes + place);
        }
}

// The adjoint: gradients of the current, summed over the steps, and of `ahead`. Those of spikes may be absent, those of
// membranes are of all steps if `keep`, else of the last one, or absent.
template <typename R>
void layer_backward(const Neuron<R>& p, const Layer<R>& layer, int64_t keep, const R* from_spikes,
                    const R* from_membranes, R* to_currents, R* to_ahead) {
    const int64_t steps = layer.steps, width = layer.width, total = layer.rows * width;
    const int64_t piece = piece_of(steps);
    std::vector<R> raised(steps * piece);
    const R nothing[PIECE] = {};
    R current[PIECE], rooms[2][PIECE], sum[PIECE], own[PIECE], currents[PIECE];
    const R gain = p.gain;
    for (int64_t row = 0; row < layer.rows; ++row)
        for (int64_t start = 0; start < width; start += piece) {
            const int64_t count = std::min(width - start, piece), place = row * width + start;
            for (int64_t step = 0; step < steps; ++step) {
                R* now = raised.data() + step * piece;
                layer.current(row, start, step, count, current);
                advance<R>(p, current, step ? now - piece : nothing, now, nullptr, count);
            }
            std::fill(sum, sum + count, R(0));
            std::fill(currents, currents + count, R(0));
            for (int64_t step = steps - 1; step >= 0; --step) {
                const R *membrane = raised.data() + step * piece, *later = rooms[(step + 1) % 2];
                R* now = rooms[step % 2];
                if (from_spikes)
                    std::copy_n(from_spikes + step * total + place, count, now);
                else
                    std::fill_n(now, count, R(0));
                if (step < steps - 1) reset_to_spikes(p, membrane, later, now, count);
                pull(p, membrane, now, count);
                if (step < steps - 1) reset_to_membrane(p, membrane, later, now, count);
                if (from_membranes && (keep || step == steps - 1)) {
                    const R* others = from_membranes + (keep ? step * total : 0) + place;
#pragma omp simd
                    for (int64_t i = 0; i < count; ++i) now[i] += others[i];
                }
                const R scale = R(layer.scales[step]);
#pragma omp simd
                for (int64_t i = 0; i < count; ++i) {
                    own[i] = now[i] * gain;
                    currents[i] += own[i];
                }
                if (layer.stride) {
                    R* ahead = to_ahead + step * total + place;
#pragma omp simd
                    for (int64_t i = 0; i < count; ++i) ahead[i] = own[i] * scale;
                } else {
#pragma omp simd
                    for (int64_t i = 0; i < count; ++i) sum[i] = fma_(own[i], scale, sum[i]);
                }
            }
            if (!layer.stride) std::copy(sum, sum + count, to_ahead + place);
            std::copy(currents, currents + count, to_currents + place);
        }
}

// One step of an HP layer of (rows, width) neurons: with bias, (width,), the current is bias + ahead_scale * ahead
// (+ alpha * read_scale * read), else `ahead` itself. `posts`, if wanted, is u / v_th - offset.
template <typename R>
struct Forward {
    int64_t rows, width;
    const R *bias, *ahead;
    double ahead_scale;
    const R* alpha;
    int64_t alpha_stride;
    const R* read;
    double read_scale;
    const R* before;
    R *raised, *spikes;
    const R* offset;
    R* posts;
};

template <typename R>
void step_forward(const Neuron<R>& p, const Forward<R>& f) {
    const R nothing[PIECE] = {};
    R current[PIECE];
    const R scale = R(f.ahead_scale), read_scale = R(f.read_scale), turn = p.scale;
    for (int64_t row = 0; row < f.rows; ++row)
        for (int64_t start = 0; start < f.width; start += PIECE) {
            const int64_t count = std::min(f.width - start, PIECE), place = row * f.width + start;
            const R* driven = f.ahead + place;
            if (f.bias) {
                const R *bias = f.bias + start, *ahead = f.ahead + place;
#pragma omp simd
                for (int64_t i = 0; i < count; ++i) current[i] = fma_(ahead[i], scale, bias[i]);
                driven = current;
            }
            if (f.read) {
                const R* read = f.read + place;
                if (f.alpha_stride) {
                    const R* alpha = f.alpha + start;
#pragma omp simd
                    for (int64_t i = 0; i < count; ++i) current[i] = fma_(read_scale * alpha[i], read[i], current[i]);
                } else {
                    const R alpha = read_scale * *f.alpha;
#pragma omp simd
                    for (int64_t i = 0; i < count; ++i) current[i] = fma_(alpha, read[i], current[i]);
                }
            }
            advance(p, driven, f.before ? f.before + place : nothing, f.raised + place, f.spikes + place, count);
            if (f.posts) {
                const R *offset = f.offset + start, *raised = f.raised + place;
                R* posts = f.posts + place;
#pragma omp simd
                for (int64_t i = 0; i < count; ++i) posts[i] = fma_(raised[i], turn, -offset[i]);
            }
        }
}

// The adjoint of `step_forward`. Given are gradients of the spikes, and where there are any, of the next step's
// membranes (`later`), of u / v_th (`inner`), of the spikes by way of the trace (`fired`), of the membranes.
// Results are the gradients of the membranes, of the current, of `ahead` (added if `adds`), and of `read`.
template <typename R>
struct Backward {
    int64_t rows, width;
    const R *spikes, *later, *raised, *inner, *fired, *membranes;
    R *membrane, *current, *ahead;
    double ahead_scale;
    int64_t adds;
    const R* alpha;
    int64_t alpha_stride;
    R* read;
};

template <typename R>
void step_backward(const Neuron<R>& p, const Backward<R>& b) {
    const R scale = R(b.ahead_scale), turn = p.scale, gain = p.gain;
    for (int64_t row = 0; row < b.rows; ++row)
        for (int64_t start = 0; start < b.width; start += PIECE) {
            const int64_t count = std::min(b.width - start, PIECE), place = row * b.width + start;
            const R *raised = b.raised + place, *given = b.spikes + place;
            R* now = b.membrane + place;
            std::copy(given, given + count, now);
            if (b.later) reset_to_spikes(p, raised, b.later + place, now, count);
            if (b.fired) {
                const R* fired = b.fired + place;
#pragma omp simd
                for (int64_t i = 0; i < count; ++i) now[i] += fired[i];
            }
            pull(p, raised, now, count);
            if (b.later) reset_to_membrane(p, raised, b.later + place, now, count);
            if (b.inner) {
                const R* inner = b.inner + place;
#pragma omp simd
                for (int64_t i = 0; i < count; ++i) now[i] = fma_(inner[i], turn, now[i]);
            }
            if (b.membranes) {
                const R* others = b.membranes + place;
#pragma omp simd
                for (int64_t i = 0; i < count; ++i) now[i] += others[i];
            }
            const R* current = now;
            if (b.current) {
                R* out = b.current + place;
#pragma omp simd
                for (int64_t i = 0; i < count; ++i) out[i] = now[i] * gain;
                current = out;
            }
            R* ahead = b.ahead + place;
            if (b.adds) {
#pragma omp simd
                for (int64_t i = 0; i < count; ++i) ahead[i] = fma_(current[i], scale, ahead[i]);
            } else {
#pragma omp simd
                for (int64_t i = 0; i < count; ++i) ahead[i] = current[i] * scale;
            }
            if (b.read) {
                R* read = b.read + place;
                if (b.alpha_stride) {
                    const R* alpha = b.alpha + start;
#pragma omp simd
                    for (int64_t i = 0; i < count; ++i) read[i] = current[i] * alpha[i];
                } else {
                    const R alpha = *b.alpha;
#pragma omp simd
                    for (int64_t i = 0; i < count; ++i) read[i] = current[i] * alpha;
                }
            }
        }
}

// Adam's step (Kingma & Ba, ICLR 2015) in the order of torch.optim.Adam's own, in two parts. Between them torch takes
// the square roots: its mathematical library does not round all of them correctly, as this compiler's would.
template <typename R>
void adam_means(int64_t count, const R* gradient, R* mean, R* square, double own_, double kept_, double share_) {
    const R own = R(own_), kept = R(kept_), share = R(share_);
#pragma omp simd
    for (int64_t i = 0; i < count; ++i) {
        const R g = gradient[i];
        mean[i] = fma_(own, g - mean[i], mean[i]);
        square[i] = fma_(share * g, g, square[i] * kept);
    }
}

template <typename R>
void adam_move(int64_t count, R* parameter, const R* mean, const R* root, double correction_, double eps_, double rate_) {
    const R correction = R(correction_), eps = R(eps_), rate = R(rate_);
#pragma omp simd
    for (int64_t i = 0; i < count; ++i)
        parameter[i] = parameter[i] + rate * mean[i] / (root[i] / correction + eps);
}

}  // namespace

#define KERNELS(R, NAME)                                                                                             \
    extern "C" void window_forward_##NAME(const Constants* c, const R* currents, int64_t held, int64_t steps,        \
                                          int64_t total, R* spikes) {                                                \
        window_forward(Neuron<R>(*c), currents, held, steps, total, spikes);                                         \
    }                                                                                                                \
    extern "C" void window_backward_##NAME(const Constants* c, const R* currents, int64_t held, int64_t steps,       \
                                           int64_t total, const R* gradients, int64_t stride, R* pulled) {           \
        window_backward(Neuron<R>(*c), currents, held, steps, total, gradients, stride, pulled);                     \
    }                                                                                                                \
    extern "C" void layer_forward_##NAME(const Constants* c, int64_t rows, int64_t width, int64_t steps, const R* bias, \
                                         const R* ahead, int64_t stride, const double* scales, int64_t keep,         \
                                         R* membranes, R* spikes) {                                                  \
        layer_forward(Neuron<R>(*c), Layer<R>{rows, width, steps, bias, ahead, stride, scales}, keep, membranes,     \
                      spikes);                                                                                       \
    }                                                                                                                \
    extern "C" void layer_backward_##NAME(const Constants* c, int64_t rows, int64_t width, int64_t steps,            \
                                          const R* bias, const R* ahead, int64_t stride, const double* scales,       \
                                          int64_t keep, const R* from_spikes, const R* from_membranes,               \
                                          R* to_currents, R* to_ahead) {                                             \
        layer_backward(Neuron<R>(*c), Layer<R>{rows, width, steps, bias, ahead, stride, scales}, keep, from_spikes,  \
                       from_membranes, to_currents, to_ahead);                                                       \
    }                                                                                                                \
    extern "C" void adam_means_##NAME(int64_t count, const R* gradient, R* mean, R* square, double own, double kept, \
                                      double share) {                                                                \
        adam_means(count, gradient, mean, square, own, kept, share);                                                 \
    }                                                                                                                \
    extern "C" void adam_move_##NAME(int64_t count, R* parameter, const R* mean, const R* root, double correction,   \
                                     double eps, double rate) {                                                      \
        adam_move(count, parameter, mean, root, correction, eps, rate);                                              \
    }                                                                                                                \
    extern "C" void step_forward_##NAME(                                                                             \
        const Constants* c, int64_t rows, int64_t width, const R* bias, const R* ahead, double ahead_scale,          \
        const R* alpha, int64_t alpha_stride, const R* read, double read_scale, const R* before, R* raised,          \
        R* spikes, const R* offset, R* posts) {                                                                      \
        step_forward(Neuron<R>(*c), Forward<R>{rows, width, bias, ahead, ahead_scale, alpha, alpha_stride, read,     \
                                               read_scale, before, raised, spikes, offset, posts});                  \
    }                                                                                                                \
    extern "C" void step_backward_##NAME(                                                                            \
        const Constants* c, int64_t rows, int64_t width, const R* spikes, const R* later, const R* raised,           \
        const R* inner, const R* fired, const R* membranes, R* membrane, R* current, R* ahead, double ahead_scale,   \
        int64_t adds, const R* alpha, int64_t alpha_stride, R* read) {                                               \
        step_backward(Neuron<R>(*c), Backward<R>{rows, width, spikes, later, raised, inner, fired, membranes,        \
                                                 membrane, current, ahead, ahead_scale, adds, alpha, alpha_stride,   \
                                                 read});                                                             \
    }

KERNELS(float, float32)
KERNELS(double, float64)
