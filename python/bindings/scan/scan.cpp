#include <attractornet/scan/feedback.hpp>
#include <attractornet/scan/general.hpp>

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

/// What is scanned: networks of an ensemble, or a system with other values of its parameters.
struct Subject {
  py::object object;
  const System* system = nullptr;  ///< null: FeedbackNetwork
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
    const py::object networks = py::module_::import("attractornet._core").attr("FeedbackNetwork");
    if (object.is(networks)) return {std::move(object)};
    if (py::isinstance(value, networks))
      wrong_type(place, value,
                 "the class FeedbackNetwork: a network of given weights has no "
                 "parameters to scan");
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
      for (const py::handle item : py::list(py::reinterpret_borrow<py::object>(value)))
        own_.push_back(Convert<T>::from(item, place, ""));
      values_ = own_.data();
      size_ = static_cast<std::int64_t>(own_.size());
      return;
    }
    own_.push_back(Convert<T>::from(value, place, ""));
    values_ = own_.data();
  }

  /// Points that it has values for; -1: any number.
  std::int64_t size() const { return size_; }
  T operator[](std::int64_t point) const { return values_[size_ < 0 ? 0 : point]; }

 private:
  DenseArray<std::conditional_t<std::is_enum_v<T>, double, T>> array_;
  std::vector<T> own_;
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

std::vector<feedback::Ensemble> ensembles_of(const Points& points, const std::string& where) {
  using feedback::Ensemble;
  Count count;
  std::vector<Ensemble> result(1);
  std::size_t taken = 0;
  for_each_field<Ensemble>([&](const auto& field) {
    using T = typename std::decay_t<decltype(field)>::Value;
    const py::str key(std::string(field.name));
    if (!points.values.contains(key)) return;
    ++taken;
    const Parameter<T> parameter(points.values[key], {where, field.name});
    count.add(parameter.size(), {where, field.name});
    const auto size = static_cast<std::size_t>(count.value());
    if (result.size() != size) result.resize(size, Ensemble(result.front()));
    for (std::size_t i = 0; i < size; ++i)
      result[i].*(field.member) = parameter[static_cast<std::int64_t>(i)];
  });
  if (taken != points.values.size())
    throw py::value_error(where + ": points = " + shown(points.values) +
                          ": expected parameters of FeedbackNetwork.random only");
  for (const auto& ensemble : result) validate(ensemble, where);
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

/// The dimension that columns are as wide as: of the system, or the largest one of the networks.
std::int64_t dimension_of(const Subject& subject, const Points& limits, const std::string& where) {
  if (subject.system) return subject.system->dimension();
  if (!limits.values.contains("inputs")) return feedback::Ensemble{}.inputs;
  return Convert<std::int64_t>::from(limits.values["inputs"], {where, "inputs"}, "");
}

std::optional<std::vector<double>> initial_of(const std::optional<Numbers>& initial,
                                              std::int64_t dimension) {
  if (!initial) return std::nullopt;
  expect_shape(*initial, {std::string(Options::label), "initial"}, {dimension},
               "(" + text(dimension) + ",), the dimension of every point");
  return std::vector<double>(initial->data(), initial->data() + dimension);
}

py::typing::Tuple<py::str, py::ellipsis> measurements(const Subject& subject) {
  py::typing::List<py::str> names;
  const auto add = [&](const auto& lines) {
    for (const auto& line : lines) names.append(std::string(line.name));
  };
  if (subject.system)
    add(Systems::measurements());
  else
    add(feedback::Ensembles::measurements());
  return py::tuple(names);
}

py::typing::Tuple<ColumnInfo, py::ellipsis> columns(const Subject& subject, const Names& measure,
                                                    const Points& limits, const Options& options,
                                                    const std::optional<Numbers>& initial) {
  const std::int64_t dimension = dimension_of(subject, limits, std::string(Options::label));
  initial_of(initial, dimension);
  const auto found = subject.system
                         ? scan::columns_of<Systems>(measure, dimension, options)
                         : scan::columns_of<feedback::Ensembles>(measure, dimension, options);
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
  PythonMonitor monitor(std::move(progress), where);
  if (subject.system) {
    const Systems source(*subject.system, given, initial_of(initial, subject.system->dimension()),
                         where);
    return arrays_of(
        released([&] { return scan::measure(source, measure, options, workers, monitor); }));
  }
  const auto ensembles = ensembles_of(given, where);
  const std::int64_t dimension = feedback::Ensembles(ensembles).dimension();
  const auto start = initial_of(initial, dimension);
  for (const auto& ensemble : ensembles)
    if (start && ensemble.inputs != dimension)
      reject(where, "inputs", ensemble.inputs, text(dimension) + ", the length of initial");
  const feedback::Ensembles source(ensembles, start ? start->data() : nullptr);
  return arrays_of(
      released([&] { return scan::measure(source, measure, options, workers, monitor); }));
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
  define(module, {"scan_measurements", where}, "Names of what can be measured.", "tuple[str, ...]",
         measurements, system);
  define(module, {"scan_columns", where},
         "The columns that measurements fill, and the status of a point.", "tuple[ScanColumn, ...]",
         columns, system, measure,
         Required<Points>{"limits", "largest values of integer parameters"}, Fields<Options>{},
         initial);
  define(module, {"scan_points", where}, "Measures points of a scan.",
         "dict[str, numpy.typing.NDArray[typing.Any]]", points, system,
         Required<Points>{"points", "parameters, each a value or an array (points,)"}, measure,
         Fields<Options>{}, initial, threads_argument,
         Defaulted<Reporter>{"progress", {}, Reporter::meaning});
  register_fields<Options>(module.attr("scan_points"));
}

}  // namespace attractornet::python
