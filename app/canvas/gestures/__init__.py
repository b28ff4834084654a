"""What a person does with the pointer: one class for each gesture, one undo step each."""
