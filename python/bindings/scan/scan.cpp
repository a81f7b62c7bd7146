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

namespace attractornet::python {

namespace {

using scan::Column;
using scan::ColumnType;
using scan::Options;
using Names = std::vector<std::string>;

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

/// Parameters by name, each one value or an array of them.
struct Points {
  py::dict values;
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

template <>
struct Convert<Points> {
  static std::string type() { return "dict[str, typing.Any]"; }
  static Points from(py::handle value, const Place& place, const std::string&) {
    if (!PyDict_Check(value.ptr())) wrong_type(place, value, "a dictionary of parameters");
    return {py::reinterpret_borrow<py::dict>(value)};
  }
};

template <>
struct Convert<Names> {
  static std::string type() { return "collections.abc.Sequence[str]"; }
  static Names from(py::handle value, const Place& place, const std::string&) {
    if (!PyList_Check(value.ptr()) && !PyTuple_Check(value.ptr()))
      wrong_type(place, value, "a list of names");
    Names names;
    for (const py::handle name : value) {
      if (!py::isinstance<py::str>(name)) wrong_type(place, name, "a name");
      names.push_back(utf8(name));
    }
    if (names.empty()) wrong_value(place, value, "one name at least");
    return names;
  }
};

namespace {

/// One parameter at every point.
template <class T>
class Parameter {
 public:
  Parameter(py::handle value, const Place& place) {
    if constexpr (!std::is_enum_v<T>) {
      if (is_array(value)) {
        array_ = DenseArray<T>::ensure(value);
        if (!array_) {
          forget_error();
          wrong_type(place, value, "an array of numbers");
        }
        if (array_.ndim() != 1) wrong_value(place, value, "an array of one axis");
        values_ = array_.data();
        size_ = array_.size();
        return;
      }
    } else if (PyList_Check(value.ptr()) || is_array(value)) {
      const py::list items(py::reinterpret_borrow<py::object>(value));
      own_ = std::make_unique<T[]>(items.size());
      std::transform(items.begin(), items.end(), own_.get(),
                     [&](py::handle item) { return Convert<T>::from(item, place, ""); });
      values_ = own_.get();
      size_ = static_cast<std::int64_t>(items.size());
      return;
    }
    own_ = std::make_unique<T[]>(1);
    own_[0] = Convert<T>::from(value, place, "");
    values_ = own_.get();
  }

  /// Points that it has values for; -1: any number.
  std::int64_t size() const { return size_; }
  T operator[](std::int64_t point) const { return values_[size_ < 0 ? 0 : point]; }

 private:
  DenseArray<std::conditional_t<std::is_enum_v<T>, double, T>> array_;
  std::unique_ptr<T[]> own_;  ///< no vector: one of bools has no array
  const T* values_ = nullptr;
  std::int64_t size_ = -1;
};

/// The number of points, which every array agrees on; 1 where there is none.
class Count {
 public:
  void add(std::int64_t size, const Place& place) {
    if (size < 0) return;
    if (size_ >= 0 && size != size_)
      reject(place.where, place.name, size, "as many values as the others, " + text(size_));
    size_ = size;
  }
  std::int64_t value() const { return size_ < 0 ? 1 : size_; }

 private:
  std::int64_t size_ = -1;
};

template <class F>
std::vector<typename F::Source::Point> points_of(const Points& points, const std::string& where) {
  using Point = typename F::Source::Point;
  Count count;
  std::vector<Point> result(1);
  std::size_t taken = 0;
  for_each_field<Point>([&](const auto& field) {
    using T = typename std::decay_t<decltype(field)>::Value;
    const py::str key(std::string(field.name));
    if (!points.values.contains(key)) return;
    ++taken;
    const Parameter<T> parameter(points.values[key], {where, field.name});
    count.add(parameter.size(), {where, field.name});
    const auto size = static_cast<std::size_t>(count.value());
    if (result.size() != size) result.resize(size, Point(result.front()));
    for (std::size_t i = 0; i < size; ++i)
      result[i].*(field.member) = parameter[static_cast<std::int64_t>(i)];
  });
  if (taken != points.values.size())
    throw py::value_error(where + ": points = " + shown(points.values) +
                          ": expected parameters of " + F::name() + " only");
  for (const auto& point : result) validate(point, where);
  return result;
}

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

template <class T>
py::array cast_array(const std::vector<double>& values, std::vector<py::ssize_t> shape) {
  py::array_t<T> result(std::move(shape));
  std::transform(values.begin(), values.end(), result.mutable_data(),
                 [](double value) { return static_cast<T>(value); });
  return result;
}

py::typing::Dict<py::str, py::array> arrays_of(const scan::Table& table) {
  py::typing::Dict<py::str, py::array> result;
  const auto points = static_cast<py::ssize_t>(table.status().size());
  for (std::size_t c = 0; c < table.columns().size(); ++c) {
    const Column& column = table.columns()[c];
    std::vector<py::ssize_t> shape{points};
    if (!column.axis.empty()) shape.push_back(column.width);
    const auto& values = table.values(c);
    const auto make = column.type == ColumnType::float64   ? cast_array<double>
                      : column.type == ColumnType::float32 ? cast_array<float>
                                                           : cast_array<std::int8_t>;
    result[std::string(column.name).c_str()] = make(values, std::move(shape));
  }
  result["status"] = py::array_t<std::int8_t>(points, table.status().data());
  return result;
}

std::optional<std::vector<double>> initial_of(const std::optional<Numbers>& initial,
                                              std::int64_t dimension) {
  if (!initial) return std::nullopt;
  expect_shape(*initial, {std::string(Options::label), "initial"}, {dimension},
               "(" + text(dimension) + ",), the dimension of every point");
  return std::vector<double>(initial->data(), initial->data() + dimension);
}

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
        const auto given = points_of<F>(points, where);
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
