/// @file
/// Who is at fault decides the channel: a caller's mistake throws one of these, what the
/// mathematics does is a Status in the result, a bug of ours is an InternalError.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace attractornet {

/// A value outside what is allowed. Python: ValueError.
class InvalidValue : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// A result too large for memory, found before it is allocated. Python: MemoryError.
class MemoryLimit : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A part that was not built, such as CUDA. Python: BackendUnavailable.
class BackendUnavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A bug in attractornet. Python: InternalError.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Shortest text that names a number without surprise: 0.25, 1e-09, inf.
inline std::string text(double value) {
  char buffer[32];
  for (int digits = 6; digits <= 17; ++digits) {
    std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
    if (std::strtod(buffer, nullptr) == value || value != value) break;
  }
  return buffer;
}
inline std::string text(std::int64_t value) { return std::to_string(value); }
inline std::string text(std::string_view value) {
  return std::string("'").append(value).append("'");
}

/// Throws "where: name = value: expected what".
template <class Value>
[[noreturn]] void reject(std::string_view where, std::string_view name, const Value& value,
                         std::string_view expected) {
  std::string message(where);
  throw InvalidValue(message.append(": ")
                         .append(name)
                         .append(" = ")
                         .append(text(value))
                         .append(": expected ")
                         .append(expected));
}
/// Throws "where: problem: expected what", of values too long to show and of two that do not go
/// together.
[[noreturn]] inline void refuse(std::string_view where, std::string_view problem,
                                std::string_view expected) {
  throw InvalidValue(
      std::string(where).append(": ").append(problem).append(": expected ").append(expected));
}

}  // namespace attractornet
