/// @file
/// Work on a stream that is asked for once and done often.
#pragma once

#include "runtime.hpp"

namespace attractornet::cuda {

class Graph {
 public:
  /// @param ask asks the stream for the work, none of which is done yet.
  template <class Ask>
  Graph(const Stream& stream, const Ask& ask) {
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "a graph");
    cudaGraph_t graph = nullptr;
    try {
      ask();
    } catch (...) {
      (void)cudaStreamEndCapture(stream, &graph);
      if (graph) (void)cudaGraphDestroy(graph);
      throw;
    }
    check(cudaStreamEndCapture(stream, &graph), "a graph");
    const cudaError_t error = cudaGraphInstantiate(&ready_, graph, 0);
    (void)cudaGraphDestroy(graph);
    check(error, "a graph");
  }
  ~Graph() { (void)cudaGraphExecDestroy(ready_); }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  void launch(const Stream& stream) const { check(cudaGraphLaunch(ready_, stream), "a graph"); }

 private:
  cudaGraphExec_t ready_ = nullptr;
};

}  // namespace attractornet::cuda
