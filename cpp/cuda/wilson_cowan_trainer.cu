#include <optional>

#include "graph.hpp"
#include "judge.cuh"
#include "wilson_cowan_batch.cuh"
#include "wilson_cowan_coupling.cuh"
#include "wilson_cowan_trainer.hpp"

namespace attractornet::cuda {

struct Examples::Memory {
  Stream stream;
  Buffer<float> x;
};

Examples::Examples(const float* x, std::int64_t count, std::int64_t nodes)
    : count_(count),
      nodes_(nodes),
      memory_(new Memory{{}, Buffer<float>(static_cast<std::size_t>(count * nodes))}) {
  memory_->x.write({x, memory_->x.size()}, memory_->stream);
  memory_->stream.synchronise();
}
Examples::~Examples() = default;

namespace {

/// Memory of a batch: rows of whole strides, 0 beyond the nodes.
struct BatchMemory {
  BatchMemory(const Stream& stream, const TrainerSetup& s, std::int64_t stride)
      : x(rows(s, stride, s.steps + 1)),
        y(x.size()),
        e(rows(s, stride, s.steps)),
        i(e.size()),
        dx(rows(s, stride, 1)),
        cx(dx.size()),
        cy(dx.size()),
        by_tau(dx.size()),
        labels(samples(s)),
        correct(samples(s)),
        losses(samples(s)),
        scratch(samples(s) * 3 * static_cast<std::size_t>(s.classes)),
        parts(sum_blocks) {
    for (Buffer<float>* buffer : {&x, &y, &e, &i, &dx, &cx, &cy, &by_tau}) buffer->clear(stream);
  }
  static std::size_t samples(const TrainerSetup& s) {
    return static_cast<std::size_t>(s.batch_size);
  }
  static std::size_t rows(const TrainerSetup& s, std::int64_t stride, int times) {
    return samples(s) * static_cast<std::size_t>(stride * times);
  }

  Buffer<float> x, y, e, i, dx, cx, cy, by_tau;
  Buffer<std::int32_t> labels, correct;
  Buffer<double> losses, scratch, parts;
};

template <class Coupling>
class TrainerOf final : public Trainer {
 public:
  /// @param stream on which the coupling was made.
  TrainerOf(std::unique_ptr<Stream> stream, std::unique_ptr<Coupling> coupling,
            const TrainerSetup& setup, const TrainedNumbers& numbers, const Examples& examples,
            std::span<const std::int32_t> labels, std::span<const std::int64_t> order,
            std::span<const float> lengths)
      : stream_(std::move(stream)),
        coupling_(std::move(coupling)),
        setup_(setup),
        layout_{setup.nodes, row_stride(setup.nodes)},
        examples_(examples.memory().x.data()),
        batch_(*stream_, setup, layout_.stride),
        values_(buffer_of<float>(numbers.values, *stream_)),
        mean_(buffer_of<float>(numbers.mean, *stream_)),
        square_(buffer_of<float>(numbers.square, *stream_)),
        gradient_(values_.size()),
        lengths_(buffer_of(lengths, *stream_)),
        patterns_(buffer_of(setup.patterns, *stream_)),
        drives_(drives_of(setup.params, layout_.stride, *stream_)),
        pattern_lengths_(buffer_of(setup.lengths, *stream_)),
        labels_(buffer_of(labels, *stream_)),
        order_(buffer_of(order, *stream_)),
        state_(1) {
    gradient_.clear(*stream_);
    TrainingState state;
    state.tau_i = static_cast<float>(
        setup.dt / static_cast<double>(numbers.values[static_cast<std::size_t>(layout_.gamma())]));
    state_.write({&state, 1}, *stream_);
    stream_->synchronise();
  }

  void batches(int count) override {
    if (!graph_) graph_.emplace(*stream_, [&] { ask(setup_.batch_size); });
    for (; count > 0; --count) graph_->launch(*stream_);
  }
  void rest(int samples) override { ask(samples); }
  TrainingState state() override { return state_.read(*stream_).front(); }
  void set_inverse(std::span<const float> inverse) override {
    if constexpr (requires { coupling_->inverse(); }) {
      coupling_->inverse().write(inverse, *stream_);
      TrainingState now = state();
      now.going = Going::on;
      now.following = Following::there;
      state_.write({&now, 1}, *stream_);
      stream_->synchronise();
    }
  }
  TrainedNumbers numbers() override {
    return {values_.read(*stream_), mean_.read(*stream_), square_.read(*stream_)};
  }

 private:
  /// Asks the stream for a batch.
  void ask(int samples) {
    const Stream& s = *stream_;
    const TrainerSetup& o = setup_;
    const int n = o.nodes;
    TrainingState* state = state_.data();
    const Record record{batch_.x.data(), batch_.y.data(), batch_.e.data(), batch_.i.data(),
                        samples,         layout_.stride,  o.steps + 1};
    const Cotangents cotangents{batch_.cx.data(), batch_.cy.data(), batch_.by_tau.data()};
    const Network network{wilson_cowan::Node<float>(o.params),
                          static_cast<float>(o.scale),
                          static_cast<float>(o.dt),
                          &state->tau_i,
                          drives_.data(),
                          drives_.data() + layout_.stride};
    const Judge judge{o.loss,
                      o.classes,
                      n,
                      samples,
                      layout_.stride,
                      patterns_.data(),
                      pattern_lengths_.data(),
                      batch_.labels.data(),
                      batch_.scratch.data(),
                      batch_.losses.data(),
                      batch_.correct.data()};
    const Moved moved{layout_,        learn::AdamStep<float>(o.adam),
                      values_.data(), mean_.data(),
                      square_.data(), gradient_.data(),
                      lengths_.data()};
    const std::int64_t rows = samples * layout_.stride;

    launch(s, std::int64_t{samples} * n, 256, gather,
           Gather{examples_, labels_.data(), order_.data(), n, o.batch_size,
                  static_cast<float>(o.noise), o.noise_seed, state, record, cotangents,
                  batch_.labels.data()});
    coupling_->make(s, values_.data(), state);
    run_forward(s, o.products, network, record, n, o.steps, coupling_->a());
    launch(s, std::int64_t{samples} * 128, 128, judge_states, judge, record.step(o.steps).x,
           batch_.dx.data());
    launch(s, 1, 256, judge_batch, judge, state);
    run_back(s, o.products, network, record, cotangents, n, o.steps, coupling_->a(),
             batch_.dx.data(), coupling_->da());
    coupling_->gradient(s, values_.data(), gradient_.data(), state);
    launch(s, sum_blocks * 256, 256, sum_by_tau, batch_.by_tau.data(), rows, batch_.parts.data());
    launch(s, layout_.gamma(), 256, move_numbers, moved, state);
    launch(s, 1, 64, finish,
           Finish{moved, batch_.parts.data(), o.dt, static_cast<float>(o.least_gamma), samples,
                  state});
  }

  std::unique_ptr<Stream> stream_;
  std::unique_ptr<Coupling> coupling_;
  TrainerSetup setup_;  // whose spans were copied, and may be gone
  Layout layout_;
  const float* examples_;
  BatchMemory batch_;
  Buffer<float> values_, mean_, square_, gradient_, lengths_, patterns_, drives_;
  Buffer<double> pattern_lengths_;
  Buffer<std::int32_t> labels_;
  Buffer<std::int64_t> order_;
  Buffer<TrainingState> state_;
  std::optional<Graph> graph_;
};

}  // namespace

std::unique_ptr<Trainer> trainer_of(const TrainerSetup& setup, const TrainedNumbers& numbers,
                                    const Examples& examples, std::span<const std::int32_t> labels,
                                    std::span<const std::int64_t> order,
                                    std::span<const float> lengths) {
  auto stream = std::make_unique<Stream>();
  const Layout layout{setup.nodes, row_stride(setup.nodes)};
  const auto with = [&](auto coupling) -> std::unique_ptr<Trainer> {
    using Coupling = typename decltype(coupling)::element_type;
    return std::make_unique<TrainerOf<Coupling>>(std::move(stream), std::move(coupling), setup,
                                                 numbers, examples, labels, order, lengths);
  };
  if (setup.columns.empty())
    return with(std::make_unique<ProjectedOnDevice>(*stream, layout, setup.basis));
  return with(std::make_unique<SpectralOnDevice>(*stream, layout, setup.products, setup.columns,
                                                 setup.eigenvalues, setup.low, setup.high,
                                                 setup.orthogonality));
}

}  // namespace attractornet::cuda
