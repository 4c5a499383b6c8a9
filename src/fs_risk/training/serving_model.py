"""What MLflow runs to serve a logged model: it only reads the data logged beside it."""

# MLflow runs this file under a name of its own; imported as part of the library it does nothing.
if __name__ != "fs_risk.training.serving_model":
    from fs_risk.training.tracking import set_served_model

    set_served_model()
