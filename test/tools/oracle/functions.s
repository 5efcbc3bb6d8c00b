// An empty assembly file lets functions.go declare a function whose body is linked from Helm.
