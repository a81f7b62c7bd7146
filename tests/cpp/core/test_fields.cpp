#include <doctest/doctest.h>

#include <attractornet/core/fields.hpp>
#include <attractornet/core/memory.hpp>
#include <limits>

using namespace attractornet;

namespace {

struct Membrane {
  double tau = 20;
  std::optional<std::int64_t> count;
  bool fast = false;

  static constexpr std::string_view label = "Membrane";
  static constexpr auto fields() {
    return std::tuple{field("tau", &Membrane::tau, above(0), "ms", "time constant"),
                      field("count", &Membrane::count, between(1, 10), "", "how many"),
                      field("fast", &Membrane::fast, {}, "", "a flag")};
  }
};
static_assert(FieldList<Membrane>);

Membrane with_tau(double tau) {
  Membrane parameters;
  parameters.tau = tau;
  return parameters;
}

void check_message(const Membrane& parameters, const char* message) {
  CHECK_THROWS_WITH_AS(validate(parameters), message, InvalidValue);
}

}  // namespace

TEST_CASE("defaults are valid; a value outside names itself, what it is and what is allowed") {
  validate(Membrane{});
  check_message(with_tau(-1), "Membrane: tau = -1: expected a value in (0, inf)");
  check_message(with_tau(0), "Membrane: tau = 0: expected a value in (0, inf)");
  check_message(with_tau(std::numeric_limits<double>::quiet_NaN()),
                "Membrane: tau = nan: expected a value in (0, inf)");
  check_message(with_tau(std::numeric_limits<double>::infinity()),
                "Membrane: tau = inf: expected a value in (0, inf)");
  Membrane many;
  many.count = 11;
  check_message(many, "Membrane: count = 11: expected a value in [1, 10]");
  many.count = 10;
  validate(many);
}

TEST_CASE("bounds say whether infinity is among the values") {
  CHECK(above(0).text() == "(0, inf)");
  CHECK(finite_from(0).text() == "[0, inf)");
  CHECK(from(2).text() == "[2, inf]");
  CHECK(from(2).contain(std::numeric_limits<double>::infinity()));
  CHECK(finite().text() == "(-inf, inf)");
  CHECK(Bounds{}.text() == "(-inf, inf)");
}

TEST_CASE("fields come in order, with their texts") {
  std::string names;
  for_each_field<Membrane>([&](const auto& field) { names.append(field.name).append(" "); });
  CHECK(names == "tau count fast ");
}

TEST_CASE("numbers in messages are as short as they can be") {
  CHECK(text(0.1) == "0.1");
  CHECK(text(1.0 / 3) == "0.3333333333333333");
  CHECK(text(1e-9) == "1e-09");
  CHECK(text(-std::numeric_limits<double>::infinity()) == "-inf");
}

TEST_CASE("a result beyond the memory limit is refused before it is allocated") {
  CHECK(checked_size("f", "a x b", {3, 4}) == 12);
  CHECK_THROWS_AS(checked_size("f", "steps", {std::int64_t{1} << 60}), MemoryLimit);
  CHECK_THROWS_AS(checked_size("f", "a x b", {std::int64_t{1} << 62, std::int64_t{1} << 62}),
                  MemoryLimit);
}
