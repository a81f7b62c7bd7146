#include <attractornet/scan/feedback.hpp>
#include <attractornet/scan/general.hpp>
#include <attractornet/scan/hopfield.hpp>
#include <memory>
#include <variant>

#include "../bindings.hpp"
#include "../fields.hpp"
#include "../monitor.hpp"
#include "../record.hpp"
#include "../system.hpp"
#include "arguments.hpp"

namespace attractornet::python {

namespace {

using scan::Column;
using scan::ColumnType;
using scan::Options;

// --------------------------------------------------------------------------------------- arguments

/// A family of networks that scans draw, one at each point. @tparam S its Source, over S::Point,
/// whose label begins with the name of the family's class.
template <class S>
struct Family {
  using Source = S;
  static std::string name() {
    constexpr std::string_view label = S::Point::label;
    return std::string(label.substr(0, label.find('.')));
  }
  static py::object cls() { return py::module_::import("attractornet._core").attr(name().c_str()); }
};

using Families = std::variant<Family<feedback::Ensembles>, Family<hopfield::Trials>>;

/// Calls use(family) for each of them.
template <class Use>
void for_each_family(Use&& use) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (use(std::variant_alternative_t<I, Families>{}), ...);
  }(std::make_index_sequence<std::variant_size_v<Families>>{});
}

/// What is scanned: networks of a family, or a system with other values of its parameters.
struct Subject {
  py::object object;
  const System* system = nullptr;  ///< null: the family
  Families family = {};
};

}  // namespace

template <>
struct Convert<Subject> {
  static std::string type() { return "type[System] | System"; }
  static Subject from(py::handle value, const Place& place, const std::string&) {
    auto object = py::reinterpret_borrow<py::object>(value);
    std::optional<Subject> found;
    for_each_family([&](auto family) {
      if (object.is(family.cls())) found = Subject{object, nullptr, family};
      if (py::isinstance(value, family.cls()))
        wrong_type(place, value,
                   "the class " + family.name() +
                       ": a network of given weights has no parameters to scan");
    });
    if (found) return *std::move(found);
    if (PyType_Check(value.ptr()) && py::module_::import("builtins")
                                         .attr("issubclass")(value, py::type::of<System>())
                                         .cast<bool>()) {
      try {
        object = object();
      } catch (py::error_already_set& error) {
        if (!error.matches(PyExc_TypeError)) throw;
        wrong_type(place, value, "a class whose parameters all have defaults");
      }
    }
    if (!py::isinstance<System>(object))
      wrong_type(place, value,
                 "a class such as FeedbackNetwork, or a system such as "
                 "textbook.Henon()");
    const System* system = &made<System>(object, place);
    return {std::move(object), system};
  }
};

namespace {

/// Systems that differ in their parameters; a Source.
class Systems {
 public:
  Systems(const System& prototype, const Points& points, std::optional<std::vector<double>> initial,
          const std::string& where)
      : prototype_(prototype), initial_(std::move(initial)) {
    for (const auto& [key, value] : points.values) {
      names_.push_back(utf8(key));
      parameters_.emplace_back(value, Place{where, names_.back()});
      count_.add(parameters_.back().size(), {where, names_.back()});
    }
  }

  static std::span<const scan::Measurement<Systems>> measurements() {
    return scan::general_measurements<Systems>();
  }
  std::int64_t size() const { return count_.value(); }
  std::int64_t dimension() const { return prototype_.dimension(); }
  std::unique_ptr<System> subject(std::int64_t point) const {
    System::Values values;
    for (std::size_t i = 0; i < names_.size(); ++i)
      values.emplace_back(names_[i], parameters_[i][point]);
    return prototype_.with(values);
  }
  void start(const System& system, double* state) const {
    if (initial_)
      std::copy(initial_->begin(), initial_->end(), state);
    else
      system.start(state);
  }

 private:
  const System& prototype_;
  std::optional<std::vector<double>> initial_;
  Names names_;
  std::vector<Parameter<double>> parameters_;
  Count count_;
};

// ----------------------------------------------------------------------------------------- results

/// A column as Python sees it.
struct ColumnInfo {
  std::string name, dtype, meaning, unit, axis;
  std::int64_t width = 1;
  std::vector<std::string> choices;

  explicit ColumnInfo(const Column& column)
      : name(column.name),
        dtype(column.type == ColumnType::float64   ? "float64"
              : column.type == ColumnType::float32 ? "float32"
                                                   : "int8"),
        meaning(column.meaning),
        unit(column.unit),
        axis(column.axis),
        width(column.width),
        choices(column.choices.begin(), column.choices.end()) {}
};

/// Calls use(source) with the points' Source.
template <class Use>
auto with_source(const Subject& subject, const Points& points,
                 const std::optional<Numbers>& initial, Use&& use) {
  const std::string where(Options::label);
  if (subject.system) {
    const System& system = *subject.system;
    return use(Systems(system, points, initial_of(initial, system.dimension()), where));
  }
  return std::visit(
      [&]<class F>(F) {
        using Source = typename F::Source;
        const auto given = points_of<typename Source::Point>(points, where, F::name());
        if constexpr (std::is_constructible_v<Source, decltype(given), const double*>) {
          std::optional<std::vector<double>> start;
          for (const auto& point : given)
            start = initial_of(initial, Source(std::span(&point, 1)).dimension());
          return use(Source(given, start ? start->data() : nullptr));
        } else {
          if (initial)
            wrong_type({where, "initial"}, initial->array,
                       "None: points of " + F::name() + " have starts of their own");
          return use(Source(given));
        }
      },
      subject.family);
}

py::typing::Tuple<FieldInfo, py::ellipsis> parameters(const py::object& cls) {
  py::object found = py::none();
  for_each_family([&]<class F>(F) {
    if (cls.is(F::cls())) found = fields_of<typename F::Source::Point>();
  });
  return found.is_none() ? py::module_::import("attractornet._core").attr("fields")(cls) : found;
}

py::typing::Tuple<py::str, py::ellipsis> measurements(const Subject& subject) {
  py::typing::List<py::str> names;
  with_source(subject, {}, std::nullopt, [&]<class Source>(const Source&) {
    for (const auto& line : Source::measurements()) names.append(std::string(line.name));
  });
  return py::tuple(names);
}

py::typing::Tuple<ColumnInfo, py::ellipsis> columns(const Subject& subject, const Names& measure,
                                                    const Points& corners, const Options& options,
                                                    const std::optional<Numbers>& initial) {
  const auto found =
      with_source(subject, corners, initial, [&]<class Source>(const Source& source) {
        return scan::columns_of<Source>(measure, source.dimension(), options);
      });
  py::typing::List<ColumnInfo> result;
  for (const Column& column : found) result.append(ColumnInfo(column));
  result.append(ColumnInfo({.name = "status",
                            .meaning = "how the point went",
                            .type = ColumnType::code,
                            .choices = attractornet::Names<scan::PointStatus>::list}));
  return py::tuple(result);
}

py::typing::Dict<py::str, py::array> points(const Subject& subject, const Points& given,
                                            const Names& measure, const Options& options,
                                            const std::optional<Numbers>& initial,
                                            const std::optional<std::int64_t>& threads,
                                            Reporter progress) {
  const std::string where(Options::label);
  const int workers = thread_count(threads, where);
  PythonMonitor monitor(std::move(progress), where, "points");
  return arrays_of(with_source(subject, given, initial, [&](const auto& source) {
    return released([&] { return scan::measure(source, measure, options, workers, monitor); });
  }));
}

}  // namespace

void bind_scan(py::module_& module) {
  using C = ColumnInfo;
  auto cls = define_class<C>(module, "ScanColumn", "A column of what a scan writes.");
  define_property(cls, "name", "", [](const C& c) { return c.name; });
  define_property(cls, "dtype", "'float64', 'float32' or 'int8'",
                  [](const C& c) { return c.dtype; });
  define_property(
      cls, "dims", "(name, size) of each axis behind those of the points",
      [](const C& c) -> py::typing::Tuple<py::typing::Tuple<py::str, py::int_>, py::ellipsis> {
        if (c.axis.empty()) return py::tuple();
        return py::make_tuple(py::make_tuple(c.axis, c.width));
      });
  define_property(cls, "meaning", "", [](const C& c) { return c.meaning; });
  define_property(cls, "unit", "empty where the quantity has none",
                  [](const C& c) { return c.unit; });
  define_property(cls, "choices", "what the numbers of a code stand for",
                  [](const C& c) -> py::typing::Tuple<py::str, py::ellipsis> {
                    return py::tuple(py::cast(c.choices));
                  });
  const Required<Subject> system{"system", "class or system that is scanned"};
  const Required<Names> measure{"measure", "names of measurements"};
  const Defaulted<std::optional<Numbers>> initial{
      "initial", std::nullopt, "state (dimension,) that all start from; None: their own"};
  const char* where = Options::label.data();
  define(
      module, {"scan_fields", where},
      "The parameters that may be axes of a scan: those of the class, and of a network's what is "
      "done with it.",
      "tuple[Field, ...]", parameters,
      Required<py::object>{"cls", "class such as FeedbackNetwork"});
  define(module, {"scan_measurements", where}, "Names of what can be measured.", "tuple[str, ...]",
         measurements, system);
  define(module, {"scan_columns", where},
         "The columns that measurements fill, and the status of a point.", "tuple[ScanColumn, ...]",
         columns, system, measure,
         Required<Points>{"corners", "parameters at the ends of their ranges"}, Fields<Options>{},
         initial);
  define(module, {"scan_points", where}, "Measures points of a scan.",
         "dict[str, numpy.typing.NDArray[typing.Any]]", points, system,
         Required<Points>{"points", "parameters, each a value or an array (points,)"}, measure,
         Fields<Options>{}, initial, threads_argument, progress_argument);
  register_fields<Options>(module.attr("scan_points"));
}

}  // namespace attractornet::python
