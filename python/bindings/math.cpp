#include <attractornet/core/pack.hpp>

#include "bindings.hpp"
#include "define.hpp"

namespace attractornet::python {

namespace {

template <class T>
void elementwise_tanh(const T* from, T* to, py::ssize_t size) {
  const py::gil_scoped_release release;
  constexpr int lanes = 2 * register_bytes / int(sizeof(T));
  using P = Pack<T, lanes>;
  py::ssize_t i = 0;
  for (; i + lanes <= size; i += lanes) tanh(P::load(from + i)).store(to + i);
  for (; i < size; ++i) to[i] = tanh(from[i]);
}

template <class T>
py::array elementwise_tanh(const py::array& input) {
  const auto values = DenseArray<T>::ensure(input);
  if (!values) throw py::error_already_set();
  py::array_t<T> result(std::vector<py::ssize_t>(values.shape(), values.shape() + values.ndim()));
  elementwise_tanh(values.data(), result.mutable_data(), values.size());
  return result;
}

}  // namespace

void bind_math(py::module_& module) {
  py::module_ math =
      module.def_submodule("math", "The core's elementary functions, as the kernels use them.");
  define(
      math, "tanh",
      "Hyperbolic tangent, at most 3 ulp from the true value; the same bits on every machine with "
      "fma.\n\n"
      "Returns\n-------\nndarray\n    of x's shape; float32 for float32, else float64",
      "numpy.typing.NDArray[typing.Any]",
      [](const py::object& x) -> py::array {
        const py::array array = as_array(x, {"tanh", "x"});
        const char kind = array.dtype().kind();
        if (kind != 'f' && kind != 'i' && kind != 'u')
          wrong_type({"tanh", "x"}, x, "an array of real numbers");
        check_copy(array, {"tanh", "x"});
        return kind == 'f' && array.itemsize() == 4 ? elementwise_tanh<float>(array)
                                                    : elementwise_tanh<double>(array);
      },
      Required<py::object>{"x", "real numbers of any shape"});
}

}  // namespace attractornet::python
