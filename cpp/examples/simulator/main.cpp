// A simulator that embeds a feedback network: the network pushes a cart, feels where it is, and the
// two together are measured as one system. Parameters are set by name: simulator friction=1 feel=0
#include <attractornet/analysis/lyapunov.hpp>
#include <attractornet/systems/feedback_network.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <string>
#include <vector>

#include "cart.hpp"

namespace an = attractornet;

namespace {

/// Sets what name=value says, by the field list.
void set(Cart& cart, const std::string& argument) {
  const std::size_t sign = argument.find('=');
  bool done = false;
  an::for_each_field<Cart>([&](const auto& field) {
    if (field.name != argument.substr(0, sign) || sign == std::string::npos) return;
    char* end = nullptr;
    cart.*field.member = std::strtod(argument.c_str() + sign + 1, &end);
    done = *end == '\0';
  });
  if (!done) throw an::InvalidValue(argument + ": expected a parameter's name=number");
}

void run(const Cart& cart) {
  an::validate(cart);
  const auto net =
      an::feedback::Network::random({.neurons = 8, .inputs = 12, .scale = 1.5, .seed = 3});
  const CartRule rule{net.rule(), cart};

  // The simulator's own loop.
  std::vector<double> state(rule.dimension()), next(state);
  rule.start(state.data());
  std::printf("%8s %9s %9s\n", "time/s", "place/m", "v/(m/s)");
  for (int i = 1; i <= 1000; ++i) {
    rule.step(state.data(), next.data());
    state.swap(next);
    if (i % 100 == 0)
      std::printf("%8.1f %9.5f %9.5f\n", i * cart.dt, state[rule.place()], state[rule.velocity()]);
  }

  // The same rule, measured from where the loop has got to.
  an::Monitor silent;
  const auto spectrum = an::lyapunov_spectrum(rule, state.data(), {.steps = 100'000}, silent);
  std::printf("Lyapunov exponents per second:\n");
  for (int i = 0; i < 4; ++i)
    std::printf("%10.5f +- %.5f\n", spectrum.exponents[i], spectrum.standard_error[i]);
  std::printf("Kaplan-Yorke dimension %.3f of %d, status '%s'\n", spectrum.kaplan_yorke_dimension,
              rule.dimension(), std::string(an::name_of(spectrum.status)).c_str());
}

}  // namespace

int main(int count, char** arguments) {
  try {
    Cart cart;
    for (const char* argument : std::span(arguments, count).subspan(1)) set(cart, argument);
    run(cart);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
