#include <attractornet/systems/textbook_flows.hpp>
#include <attractornet/systems/textbook_maps.hpp>

#include "../bindings.hpp"
#include "../rule_class.hpp"

namespace attractornet::python {

namespace {

using namespace textbook;

template <class Rule>
void bind(py::module_& module, const char* doc) {
  bind_rule<Rule>(module, doc, "Parameters are dimensionless.");
}

}  // namespace

void bind_textbook(py::module_& parent) {
  py::module_ module = parent.def_submodule(
      "textbook", "Maps and flows that every textbook knows, with known exponents.");
  bind<Logistic>(module, "x' = r x (1 - x); at r = 4 the exponent is ln 2.");
  bind<SineMap>(module, "x' = a sin(pi x).");
  bind<CubicMap>(module, "x' = a x (1 - x^2); at a = 3 the exponent is ln 3.");
  bind<Ricker>(module, "x' = a x exp(-x).");
  bind<GaussMap>(module, "x' = 1/x mod 1, the tail of a continued fraction.");
  bind<CuspMap>(module, "x' = 1 - a sqrt|x|.");
  bind<PinchersMap>(module, "x' = |tanh(s (x - c))|.");
  bind<TwoNeurons>(module,
                   "x' = b tanh(a x) + c x: Sprott's two units that mimic the logistic map.");
  bind<SineCircle>(module, "x' = x + omega - k sin(2 pi x) / (2 pi) mod 1, Arnold's circle map.");
  bind<Henon>(module, "x' = 1 - a x^2 + y, y' = b x.");
  bind<Lozi>(module, "x' = 1 - a |x| + y, y' = b x.");
  bind<DelayedLogistic>(module, "x' = a x (1 - y), y' = x.");
  bind<Tinkerbell>(module, "x' = x^2 - y^2 + a x + b y, y' = 2 x y + c x + d y.");
  bind<Burgers>(module, "x' = a x - y^2, y' = b y + x y.");
  bind<HolmesCubic>(module, "x' = y, y' = -b x + d y - y^3.");
  bind<DissipativeStandard>(
      module, "y' = b y + k sin x, x' = x + y', both mod 2 pi: a kicked rotor with friction.");
  bind<Ikeda>(module,
              "x' = g + m (x cos phi - y sin phi), y' = m (x sin phi + y cos phi), phi = b - a / "
              "(1 + x^2 + y^2): light in a ring cavity.");
  bind<PredatorPrey>(
      module, "x' = x exp(r (1 - x/k) - a y), y' = x (1 - exp(-a y)): hosts and parasitoids.");
  bind<ArnoldCat>(module, "x' = x + y, y' = x + 2 y mod 1.");
  bind<CoupledCircles>(module,
                       "x' = x + omega1 + k sin(2 pi y) / (2 pi), y' = y + omega2 + k sin(2 pi x) "
                       "/ (2 pi) mod 1: a 2-torus while k is small.");
  bind<Lorenz>(module, "x' = sigma (y - x), y' = x (rho - z) - y, z' = x y - beta z.");
  bind<Rossler>(module, "x' = -y - z, y' = x + a y, z' = b + z (x - c).");
  bind<Chen>(module, "x' = a (y - x), y' = (c - a) x - x z + c y, z' = x y - b z.");
  bind<Halvorsen>(module, "x' = -a x - 4 y - 4 z - y^2 and cyclically.");
  bind<Thomas>(module, "x' = sin y - b x and cyclically.");
  bind<Rucklidge>(module,
                  "x' = -k x + l y - y z, y' = x, z' = -z + y^2: double convection; exponent "
                  "0.192, not the 0.0643 in print.");
  bind<DiffusionlessLorenz>(
      module, "x' = -x - y, y' = -x z, z' = x y + r: the Lorenz equations without diffusion.");
  bind<SimplestQuadratic>(module, "x''' = -a x'' + x'^2 - x: the simplest quadratic chaos.");
  bind<MooreSpiegel>(
      module, "x''' = -x'' - (t - r + r x^2) x' - t x: exponent 0.093, not the 0.1119 in print.");
  bind<Lorenz84>(module,
                 "x' = -y^2 - z^2 - a x + a f, y' = x y - b x z - y + g, z' = b x y + x z - z: a "
                 "westerly wind and its eddies.");
  bind<RigidBody>(module,
                  "x' = -c x + y + 10 y z, y' = -x - c y + 5 x z, z' = a z - 5 x y: a rigid body "
                  "with linear feedback.");
  bind<VanDerPol>(module, "x'' = mu (1 - x^2) x' - x: a limit cycle.");
}

}  // namespace attractornet::python
